from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("appeals", "0001_initial")]

    operations = [
        AddIndexConcurrently(
            model_name="appeal",
            index=models.Index(fields=["decided_at"], name="appeals_by_decision"),
        ),
    ]

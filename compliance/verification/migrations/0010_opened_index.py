from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("verification", "0009_escalated_index")]

    operations = [
        AddIndexConcurrently(
            model_name="verificationrequest",
            index=models.Index(fields=["opened_at"], name="verification_by_opening"),
        ),
    ]

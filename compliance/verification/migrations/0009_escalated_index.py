from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("verification", "0008_quality")]

    operations = [
        AddIndexConcurrently(
            model_name="verificationrequest",
            index=models.Index(
                condition=models.Q(("state", "escalated")),
                fields=["due_at", "id"],
                name="verification_escalated",
            ),
        ),
    ]

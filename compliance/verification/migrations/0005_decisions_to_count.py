from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("verification", "0004_counted_at")]

    operations = [
        AddIndexConcurrently(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("counted_at__isnull", True), ("undone_at__isnull", True)),
                fields=["undo_until"],
                name="decisions_to_count",
            ),
        ),
    ]

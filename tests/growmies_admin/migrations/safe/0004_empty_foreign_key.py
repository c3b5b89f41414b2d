import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("violations", "0003_validated")]
    operations = [
        migrations.AddField(
            "rule",
            "before",
            models.ForeignKey(
                "violations.rule", django.db.models.deletion.PROTECT, null=True, db_index=False
            ),
        )
    ]

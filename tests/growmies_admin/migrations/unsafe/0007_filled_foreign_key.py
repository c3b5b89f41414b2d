import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("violations", "0006_foreign_key")]
    operations = [
        migrations.AddField(
            "contentrule",
            "after",
            models.ForeignKey(
                "violations.contentrule",
                django.db.models.deletion.PROTECT,
                db_default=1,
                db_index=False,
                related_name="+",
            ),
        )
    ]

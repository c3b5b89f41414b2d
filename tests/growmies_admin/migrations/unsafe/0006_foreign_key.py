"""The constraint comes to a column that was there."""

import django.db.models.deletion
from django.db import migrations, models


def key(**options):
    return models.ForeignKey(
        "violations.contentrule",
        django.db.models.deletion.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        **options,
    )


class Migration(migrations.Migration):
    dependencies = [("violations", "0005_check")]
    operations = [
        migrations.AddField("contentrule", "before", key(db_constraint=False)),
        migrations.AlterField("contentrule", "before", key()),
    ]

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("violations", "0004_empty_foreign_key")]
    operations = [
        migrations.CreateModel(
            "Breach",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("rule", models.ForeignKey("violations.rule", django.db.models.deletion.PROTECT)),
                ("times", models.IntegerField()),
            ],
        ),
        migrations.AddConstraint(
            "breach", models.CheckConstraint(condition=models.Q(times__gt=0), name="breach_was")
        ),
    ]

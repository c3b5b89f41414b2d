from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("violations", "0001_initial")]
    operations = [
        AddConstraintNotValid(
            "rule", models.CheckConstraint(condition=~models.Q(name=""), name="rule_has_name")
        )
    ]

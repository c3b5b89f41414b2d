from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("violations", "0008_check_in_sql")]
    operations = [
        AddConstraintNotValid(
            "contentrule",
            models.CheckConstraint(condition=~models.Q(severity="none"), name="severity_some"),
        ),
        ValidateConstraint("contentrule", "severity_some"),
    ]

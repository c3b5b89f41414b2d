"""Nobody on staff is a display. Not valid for rows from before, of which there are none."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_displays_are_paired")]

    operations = [
        migrations.AlterField(
            model_name="roleassignment",
            name="role",
            field=models.CharField(
                choices=[
                    ("viewer", "Viewer"),
                    ("moderator", "Moderator"),
                    ("compliance", "Compliance"),
                    ("operator", "Operator"),
                    ("administrator", "Administrator"),
                ],
                max_length=16,
            ),
        ),
        AddConstraintNotValid(
            model_name="roleassignment",
            constraint=models.CheckConstraint(
                condition=models.Q(("role", "display"), _negated=True), name="role_is_a_persons"
            ),
        ),
    ]

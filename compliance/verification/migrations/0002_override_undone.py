import django.db.models.deletion
from django.db import migrations, models

try:
    from django_migration_linter.operations import IgnoreMigration
except ImportError:  # the linter is installed for tests only
    IgnoreMigration = None


class Migration(migrations.Migration):
    """An override that was undone may be made again: one standing override a decision."""

    dependencies = [("verification", "0001_initial")]

    operations = [
        # The index is built on a table that no release has filled yet.
        *([IgnoreMigration()] if IgnoreMigration else []),
        migrations.AlterField(
            model_name="decision",
            name="overrides",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="overridden_by",
                to="verification.decision",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("overrides__isnull", False), ("undone_at__isnull", True)),
                fields=("overrides",),
                name="one_standing_override_a_decision",
            ),
        ),
    ]

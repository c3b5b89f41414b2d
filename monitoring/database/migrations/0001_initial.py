from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="PartitionedTable",
            fields=[
                (
                    "parent",
                    models.CharField(
                        help_text="Name of the table.",
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "period",
                    models.CharField(choices=[("day", "Day"), ("month", "Month")], max_length=5),
                ),
                (
                    "keep",
                    models.DurationField(help_text="Only what ended longer ago may be dropped."),
                ),
                ("ahead", models.DurationField(help_text="How far ahead partitions may be made.")),
                (
                    "indexes",
                    models.JSONField(
                        db_default=[],
                        default=list,
                        help_text="What CREATE INDEX … ON the partition ends in.",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("period__in", ["day", "month"])),
                        name="partitioned_by_day_or_month",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("parent__regex", "^[a-z][a-z0-9_]*$")),
                        name="partitioned_name_is_plain",
                    ),
                ],
            },
        ),
    ]

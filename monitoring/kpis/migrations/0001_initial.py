import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kpi", models.CharField(max_length=40)),
                ("day", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("measured", "Measured"),
                            ("too_few", "Too few to show"),
                            ("not_measured", "Not measured"),
                        ],
                        max_length=12,
                    ),
                ),
                ("value", models.FloatField(blank=True, null=True)),
                ("parts", models.JSONField(default=list, help_text="[[label, value or null], …]")),
                (
                    "met",
                    models.BooleanField(
                        blank=True, help_text="Target of that day; null: none.", null=True
                    ),
                ),
                (
                    "note",
                    models.CharField(
                        blank=True, help_text="Why not, or what to know.", max_length=300
                    ),
                ),
                ("final", models.BooleanField(default=False)),
                ("taken_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "indexes": [models.Index(fields=["day"], name="snapshots_by_day")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kpi", "day"), name="one_snapshot_a_kpi_and_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["measured", "too_few", "not_measured"])),
                        name="snapshot_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("value__isnull", True),
                            models.Q(("value__gte", 0), ("value__lte", 1000000000000000.0)),
                            _connector="OR",
                        ),
                        name="snapshot_value_is_a_number",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "measured"), ("value__isnull", False)),
                            models.Q(
                                models.Q(("state", "measured"), _negated=True),
                                ("met__isnull", True),
                                ("value__isnull", True),
                                models.Q(("note", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="snapshot_has_value_or_says_why",
                    ),
                ],
            },
        ),
    ]

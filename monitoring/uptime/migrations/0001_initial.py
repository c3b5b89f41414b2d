from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="DiscordStatus",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                (
                    "indicator",
                    models.CharField(
                        choices=[
                            ("none", "All systems operational"),
                            ("maintenance", "Maintenance"),
                            ("minor", "Minor outage"),
                            ("major", "Major outage"),
                            ("critical", "Critical outage"),
                        ],
                        max_length=12,
                    ),
                ),
                ("description", models.CharField(max_length=200)),
                (
                    "components",
                    models.JSONField(default=dict, help_text="name -> Discord's status of it"),
                ),
                (
                    "incidents",
                    models.JSONField(default=list, help_text="names of what is unresolved"),
                ),
                ("checked_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "Discord status",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="discord_status_one_row"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("indicator__in", ["none", "maintenance", "minor", "major", "critical"])
                        ),
                        name="discord_status_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Probe",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=32, unique=True)),
                ("url", models.CharField(max_length=500)),
                ("up", models.BooleanField()),
                ("since", models.DateTimeField(help_text="since when it is up, or down")),
                ("checked_at", models.DateTimeField()),
                ("took_seconds", models.FloatField()),
                ("error", models.CharField(blank=True, db_default="", max_length=200)),
                ("certificate_expires_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["up", "name"], name="probes_down_first")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("error", ""), ("up", True)), ("up", False), _connector="OR"
                        ),
                        name="probe_says_why_down",
                    )
                ],
            },
        ),
    ]

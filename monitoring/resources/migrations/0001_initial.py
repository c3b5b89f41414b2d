import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CoolDown",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("cpu", "CPU"),
                            ("memory", "Memory"),
                            ("disk", "Disk"),
                            ("network", "Network"),
                            ("process", "Bot process"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "severity",
                    models.CharField(
                        choices=[("warning", "Warning"), ("critical", "Critical")], max_length=8
                    ),
                ),
                ("quiet_until", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "severity"), name="cool_down_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Crossing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("cpu", "CPU"),
                            ("memory", "Memory"),
                            ("disk", "Disk"),
                            ("network", "Network"),
                            ("process", "Bot process"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "severity",
                    models.CharField(
                        choices=[("warning", "Warning"), ("critical", "Critical")], max_length=8
                    ),
                ),
                ("message", models.CharField(max_length=200)),
                (
                    "value",
                    models.FloatField(help_text="percent, Mbit/s, or the number of processes"),
                ),
                ("threshold", models.FloatField()),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("handed_over_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["at"], name="crossing_by_time")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["cpu", "memory", "disk", "network", "process"])
                        ),
                        name="crossing_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("severity__in", ["warning", "critical"])),
                        name="crossing_severity_known",
                    ),
                ],
            },
        ),
    ]

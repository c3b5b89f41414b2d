import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="PostedMessage",
            fields=[
                (
                    "name",
                    models.CharField(
                        help_text="Which one, as in verify.",
                        max_length=32,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("channel_id", models.BigIntegerField()),
                ("message_id", models.BigIntegerField()),
                ("posted_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="ActivityDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("message", "Messages of people"),
                            ("voice", "Time of people in voice"),
                            ("session", "Sessions"),
                            ("counted", "Time in which the bot counted"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        blank=True, help_text="Of messages and voice.", max_length=100
                    ),
                ),
                ("count", models.BigIntegerField(default=0)),
                ("seconds", models.FloatField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "kind", "channel"), name="one_sum_a_day_kind_and_channel"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["message", "voice", "session", "counted"])
                        ),
                        name="activity_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("count__gte", 0),
                            ("seconds__gte", 0),
                            ("seconds__lte", 1000000000000000.0),
                        ),
                        name="activity_sums_not_negative",
                    ),
                ],
            },
        ),
    ]

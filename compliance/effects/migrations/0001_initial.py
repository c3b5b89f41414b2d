import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Effect",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        help_text="role:<member>:verified, message:<member>:verification",
                        max_length=100,
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("kind", models.CharField(help_text="A module of kinds/.", max_length=20)),
                ("member_id", models.BigIntegerField()),
                ("payload", models.JSONField()),
                (
                    "cause",
                    models.CharField(
                        help_text="What asked for it, as in decision:17", max_length=64
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for the undo window"),
                            ("ready", "Ready"),
                            ("delivering", "Being delivered"),
                            ("delivered", "Delivered"),
                            ("failed", "Failed"),
                            ("parked", "Parked until the member is back"),
                            ("superseded", "Superseded"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "not_before",
                    models.DateTimeField(
                        help_text="End of the undo window, or of the next backoff."
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                (
                    "may_land_until",
                    models.DateTimeField(
                        blank=True,
                        help_text="Discord may do an unanswered call until then; other versions wait.",
                        null=True,
                    ),
                ),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "error_code",
                    models.IntegerField(blank=True, help_text="Discord's error code.", null=True),
                ),
                (
                    "error",
                    models.TextField(blank=True, help_text="In words, with what to do about it."),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ("waiting", "ready"))),
                        fields=["not_before"],
                        name="effects_due",
                    ),
                    models.Index(
                        condition=models.Q(("state", "delivering")),
                        fields=["leased_until"],
                        name="effects_in_delivery",
                    ),
                    models.Index(fields=["cause"], name="effects_by_cause"),
                    models.Index(fields=["member_id"], name="effects_by_member"),
                    models.Index(
                        condition=models.Q(
                            ("state__in", ("waiting", "ready", "parked", "failed", "delivering"))
                        ),
                        fields=["state", "-id"],
                        name="effects_unfinished",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("key", "version"), name="one_effect_a_version"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("waiting", "ready", "parked", "failed"))),
                        fields=("key",),
                        name="one_open_effect_a_key",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "delivering")),
                        fields=("key",),
                        name="one_delivery_a_key",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "waiting",
                                    "ready",
                                    "delivering",
                                    "delivered",
                                    "failed",
                                    "parked",
                                    "superseded",
                                ],
                            )
                        ),
                        name="effect_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "delivering"), _negated=True),
                            ("leased_until__isnull", False),
                            _connector="OR",
                        ),
                        name="delivering_has_a_lease",
                    ),
                ],
            },
        ),
    ]

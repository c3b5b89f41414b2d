import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("verification", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProviderSession",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "delivery_id",
                    models.CharField(blank=True, max_length=64, null=True, unique=True),
                ),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("passed", "Passed"),
                            ("failed", "Failed"),
                            ("unsure", "Unsure"),
                            ("error", "Error of the provider"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("opened", "Opened"),
                            ("pending", "Pending"),
                            ("more_requested", "More requested"),
                            ("escalated", "Escalated"),
                            ("evidence_expired", "Evidence expired"),
                            ("approved", "Approved"),
                            ("denied", "Denied"),
                            ("withdrawn", "Withdrawn"),
                            ("expired", "Expired"),
                        ],
                        help_text="State that it led to.",
                        max_length=16,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="provider_sessions",
                        to="verification.verificationrequest",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("answered_at__isnull", True), ("revoked_at__isnull", True)
                        ),
                        fields=("request",),
                        name="one_live_provider_session_a_request",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answered_at__isnull", True),
                                ("delivery_id__isnull", True),
                                ("outcome", ""),
                                ("result", ""),
                            ),
                            models.Q(
                                ("answered_at__isnull", False),
                                ("delivery_id__isnull", False),
                                models.Q(("result", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="provider_answer_is_whole",
                    ),
                ],
            },
        ),
    ]

import datetime
import uuid

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("verification", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Evidence",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("stored_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "destroy_at",
                    models.DateTimeField(
                        help_text="72 h after the upload, or the end of the undo window once decided."
                    ),
                ),
                (
                    "destroy_cause",
                    models.CharField(
                        choices=[
                            ("decided", "Decided"),
                            ("expired", "72 hours reached"),
                            ("withdrawn", "Withdrawn"),
                            ("replaced", "Replaced by a new picture"),
                            ("refused", "Upload not completed"),
                            ("orphan", "Found without an owner"),
                            ("lost", "Its files were gone"),
                            ("erased", "Erased with the member"),
                            ("reviewed", "Second review done"),
                        ],
                        default="expired",
                        max_length=12,
                    ),
                ),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("ciphertext_bytes", models.PositiveIntegerField()),
                ("ciphertext_sha256", models.BinaryField(max_length=32)),
                ("destroyed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="verification.verificationrequest",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "evidence",
                "indexes": [
                    models.Index(
                        condition=models.Q(("destroyed_at__isnull", True)),
                        fields=["destroy_at"],
                        name="evidence_to_destroy",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("destroyed_at__isnull", True)),
                        fields=("request", "position"),
                        name="one_picture_a_position",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "destroy_at__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("stored_at"),
                                    "+",
                                    models.Value(
                                        datetime.timedelta(days=3),
                                        output_field=models.DurationField(),
                                    ),
                                ),
                            )
                        ),
                        name="evidence_lives_72_hours_at_most",
                    ),
                ],
            },
        ),
    ]

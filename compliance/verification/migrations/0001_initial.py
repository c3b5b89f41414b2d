import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("desk", "0001_initial"),
        ("members", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="VerificationRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("id_document", "Photo ID"),
                            ("in_person", "In person"),
                            ("provider", "Provider"),
                        ],
                        default="id_document",
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    models.CharField(
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
                        default="opened",
                        max_length=16,
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(
                        default=1, help_text="Rises with every move; a page says which one it saw."
                    ),
                ),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "submitted_at",
                    models.DateTimeField(
                        blank=True, help_text="First submission; never reset.", null=True
                    ),
                ),
                (
                    "due_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Review deadline, from the first submission.",
                        null=True,
                    ),
                ),
                (
                    "expires_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When a state that awaits the member ends by itself.",
                        null=True,
                    ),
                ),
                ("state_since", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "consent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="members.consent",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="verifications",
                        to="members.member",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("request_version", models.PositiveIntegerField()),
                (
                    "state_before",
                    models.CharField(
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
                        max_length=16,
                    ),
                ),
                (
                    "result",
                    models.CharField(
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
                        max_length=16,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("under_age", "Under 21"),
                            ("unreadable", "Unreadable"),
                            ("not_the_member", "Not the member"),
                            ("expired_id", "Expired ID"),
                            ("altered", "Altered"),
                            ("other", "Other…"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "note",
                    models.TextField(
                        blank=True, help_text="In words; shown to the member when denied."
                    ),
                ),
                ("threshold_years", models.PositiveSmallIntegerField()),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("id_document", "Photo ID"),
                            ("in_person", "In person"),
                            ("provider", "Provider"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "actor_type",
                    models.CharField(
                        choices=[
                            ("staff", "Staff"),
                            ("member", "Member"),
                            ("bot", "Bot"),
                            ("system", "System"),
                            ("provider", "Provider"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "idempotency_key",
                    models.UUIDField(
                        blank=True,
                        help_text="A form sent twice decides once.",
                        null=True,
                        unique=True,
                    ),
                ),
                ("decided_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("undo_until", models.DateTimeField()),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "counted_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When the metrics counted it: after the undo window.",
                        null=True,
                    ),
                ),
                (
                    "standing",
                    models.BooleanField(
                        default=True,
                        help_text="False once undone, overridden or answered by a resubmission.",
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="desk.claim",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "overrides",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="overridden_by",
                        to="verification.decision",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="verification.verificationrequest",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="verificationrequest",
            index=models.Index(
                condition=models.Q(("state__in", ("pending", "escalated"))),
                fields=["due_at", "id"],
                name="verification_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="verificationrequest",
            index=models.Index(
                condition=models.Q(("state", "escalated")),
                fields=["due_at", "id"],
                name="verification_escalated",
            ),
        ),
        migrations.AddIndex(
            model_name="verificationrequest",
            index=models.Index(
                condition=models.Q(("expires_at__isnull", False)),
                fields=["expires_at"],
                name="verification_expiry",
            ),
        ),
        migrations.AddIndex(
            model_name="verificationrequest",
            index=models.Index(fields=["member", "-id"], name="verification_by_member"),
        ),
        migrations.AddIndex(
            model_name="verificationrequest",
            index=models.Index(fields=["opened_at"], name="verification_by_opening"),
        ),
        migrations.AddConstraint(
            model_name="verificationrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ("opened", "pending", "more_requested", "escalated", "evidence_expired"),
                    )
                ),
                fields=("member",),
                name="one_unfinished_request_a_member",
            ),
        ),
        migrations.AddConstraint(
            model_name="verificationrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "opened",
                            "pending",
                            "more_requested",
                            "escalated",
                            "evidence_expired",
                            "approved",
                            "denied",
                            "withdrawn",
                            "expired",
                        ],
                    )
                ),
                name="verification_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="verificationrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("method__in", ["id_document", "in_person", "provider"])),
                name="verification_method_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="verificationrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state__in", ["pending", "escalated", "approved", "denied"]), _negated=True
                    ),
                    models.Q(("due_at__isnull", False), ("submitted_at__isnull", False)),
                    _connector="OR",
                ),
                name="reviewable_was_submitted",
            ),
        ),
        migrations.AddConstraint(
            model_name="verificationrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("method", "id_document"), _negated=True),
                    ("submitted_at__isnull", True),
                    ("consent__isnull", False),
                    _connector="OR",
                ),
                name="photo_id_submitted_with_consent",
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["decided_by", "-decided_at"], name="decision_by_author"),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("counted_at__isnull", True), ("undone_at__isnull", True)),
                fields=["undo_until"],
                name="decisions_to_count",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                fields=("request", "request_version"), name="one_decision_a_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("standing", True)),
                fields=("request",),
                name="one_standing_decision_a_request",
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
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("result__in", ["approved", "denied", "more_requested"])),
                name="decision_result_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("result", "denied"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="denial_has_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("actor_type", "staff"), ("decided_by__isnull", False)),
                    models.Q(
                        models.Q(("actor_type", "staff"), _negated=True),
                        ("decided_by__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="staff_decision_names_its_author",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("undone_at__isnull", True), ("standing", False), _connector="OR"
                ),
                name="undone_does_not_stand",
            ),
        ),
    ]

"""Age verifications: request, upload link, provider session, claim, escalation, decision.

The database holds what must never be broken: one unfinished request a member, one open
claim a request, one decision for each version of a request, one standing decision. Pictures stand
in evidence_models.py, checks of our own work in quality_models.py.
"""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

import compliance.verification.quality_models  # noqa: F401 - its tables are of this room
from compliance import policy
from compliance.members.models import Consent, Member
from compliance.verification.evidence_models import Evidence
from compliance.verification.states import REVIEWABLE, UNFINISHED, DenyReason, Method, State
from monitoring.audit.models import ActorType

__all__ = [
    "Claim",
    "Decision",
    "Escalation",
    "Evidence",
    "ProviderSession",
    "UploadLink",
    "VerificationRequest",
]


class RequestQuerySet(models.QuerySet["VerificationRequest"]):
    def reviewable(self) -> "RequestQuerySet":
        """Waits for a reviewer: pending or escalated."""
        return self.filter(state__in=REVIEWABLE)

    def unfinished(self) -> "RequestQuerySet":
        return self.filter(state__in=UNFINISHED)

    def overdue(self, at: datetime | None = None) -> "RequestQuerySet":
        return self.reviewable().filter(due_at__lt=at or timezone.now())

    def by_deadline(self) -> "RequestQuerySet":
        """Oldest deadline first, in the order of the index that serves the queue."""
        return self.order_by("due_at", "id")


class VerificationRequest(models.Model):
    """One member's wish to be verified. `state` changes only in transitions.move()."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="verifications")
    method = models.CharField(max_length=12, choices=Method.choices, default=Method.ID_DOCUMENT)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPENED)
    version = models.PositiveIntegerField(
        default=1, help_text="Rises with every move; a page says which one it saw."
    )
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, null=True, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(
        null=True, blank=True, help_text="First submission; never reset."
    )
    due_at = models.DateTimeField(
        null=True, blank=True, help_text="Review deadline, from the first submission."
    )
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="When a state that awaits the member ends by itself."
    )
    state_since = models.DateTimeField(default=timezone.now)

    objects = RequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(state__in=UNFINISHED),
                name="one_unfinished_request_a_member",
            ),
            models.CheckConstraint(
                name="verification_state_known", condition=Q(state__in=State.values)
            ),
            models.CheckConstraint(
                name="verification_method_known", condition=Q(method__in=Method.values)
            ),
            models.CheckConstraint(
                name="reviewable_was_submitted",
                condition=~Q(state__in=[*REVIEWABLE, State.APPROVED, State.DENIED])
                | Q(submitted_at__isnull=False, due_at__isnull=False),
            ),
            models.CheckConstraint(
                name="photo_id_submitted_with_consent",
                condition=~Q(method=Method.ID_DOCUMENT)
                | Q(submitted_at__isnull=True)
                | Q(consent__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=Q(state__in=REVIEWABLE),
                name="verification_queue",
            ),
            models.Index(
                fields=["due_at", "id"],
                condition=Q(state=State.ESCALATED),
                name="verification_escalated",
            ),
            models.Index(
                fields=["expires_at"],
                condition=Q(expires_at__isnull=False),
                name="verification_expiry",
            ),
            models.Index(fields=["member", "-id"], name="verification_by_member"),
            models.Index(fields=["opened_at"], name="verification_by_opening"),
        ]

    def __str__(self) -> str:
        return f"request {self.pk}"


class UploadLink(models.Model):
    """A one-time link. The token itself is signed and never stored, only its SHA-256."""

    request = models.ForeignKey(VerificationRequest, on_delete=models.CASCADE, related_name="links")
    token_hash = models.BinaryField(max_length=32, unique=True)
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(used_at__isnull=True, revoked_at__isnull=True),
                name="one_live_link_a_request",
            ),
            models.CheckConstraint(
                name="link_expires_after_issue", condition=Q(expires_at__gt=F("issued_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"link {self.pk}"


class ProviderSession(models.Model):
    """One check by the outside provider, under a random reference: nobody is named to it.

    The row is what refuses a replay: a delivery is written here once, with what it did. A date
    of birth that came with it is not.
    """

    class Result(models.TextChoices):
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"
        UNSURE = "unsure", "Unsure"
        ERROR = "error", "Error of the provider"

    request = models.ForeignKey(
        VerificationRequest, on_delete=models.CASCADE, related_name="provider_sessions"
    )
    reference = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    opened_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    delivery_id = models.CharField(max_length=64, null=True, blank=True, unique=True)
    result = models.CharField(max_length=8, choices=Result.choices, blank=True)
    outcome = models.CharField(
        max_length=16, choices=State.choices, blank=True, help_text="State that it led to."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(answered_at__isnull=True, revoked_at__isnull=True),
                name="one_live_provider_session_a_request",
            ),
            models.CheckConstraint(
                name="provider_answer_is_whole",
                condition=Q(
                    answered_at__isnull=True, delivery_id__isnull=True, result="", outcome=""
                )
                | (Q(answered_at__isnull=False, delivery_id__isnull=False) & ~Q(result="")),
            ),
        ]

    def __str__(self) -> str:
        return str(self.reference)


class Claim(models.Model):
    """Who works on a request until when. A row with a lease, not a state of the request."""

    class End(models.TextChoices):
        RELEASED = "released", "Released"
        DECIDED = "decided", "Decided"
        LEASE_ENDED = "lease_ended", "Lease ended"
        SIGNED_OUT = "signed_out", "Signed out"
        MOVED = "moved", "Request left review"

    request = models.ForeignKey(
        VerificationRequest, on_delete=models.CASCADE, related_name="claims"
    )
    moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="claims"
    )
    started_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revealed_at = models.DateTimeField(
        null=True, blank=True, help_text="First look at the evidence in this claim."
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=12, choices=End.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(ended_at__isnull=True),
                name="one_open_claim_a_request",
            ),
            models.CheckConstraint(
                name="claim_end_has_reason",
                condition=Q(ended_at__isnull=True, end_reason="")
                | (Q(ended_at__isnull=False) & ~Q(end_reason="")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["moderator"],
                condition=Q(ended_at__isnull=True),
                name="open_claims_by_moderator",
            ),
            models.Index(
                fields=["expires_at"],
                condition=Q(ended_at__isnull=True),
                name="open_claims_by_lease",
            ),
        ]

    def __str__(self) -> str:
        return f"claim {self.pk}"


class EscalationQuerySet(models.QuerySet["Escalation"]):
    def newest_of_each_request(self) -> "EscalationQuerySet":
        newer = Escalation.objects.filter(request=OuterRef("request"), pk__gt=OuterRef("pk"))
        return self.filter(~Exists(newer))


class Escalation(models.Model):
    """Who handed a request to whom, and why. The newest one counts while it is escalated."""

    request = models.ForeignKey(
        VerificationRequest, on_delete=models.CASCADE, related_name="escalations"
    )
    escalated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    escalated_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="escalations",
        help_text="Nobody named: whoever is in compliance.",
    )
    note = models.TextField(help_text="What the other person should look at.")
    escalated_at = models.DateTimeField(default=timezone.now)

    objects = EscalationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="escalated_to_somebody_else",
                condition=Q(escalated_to__isnull=True) | ~Q(escalated_to=F("escalated_by")),
            ),
            models.CheckConstraint(name="escalation_has_words", condition=~Q(note="")),
        ]
        indexes = [models.Index(fields=["request", "-id"], name="escalation_by_request")]

    def __str__(self) -> str:
        return f"escalation {self.pk}"


class Decision(models.Model):
    """What was decided. Never edited: taken back within the window, or overridden by a new one.

    `request_version` is the version that the decider saw; its uniqueness is what makes a
    second decision of the same thing impossible.
    """

    request = models.ForeignKey(
        VerificationRequest, on_delete=models.PROTECT, related_name="decisions"
    )
    request_version = models.PositiveIntegerField()
    state_before = models.CharField(max_length=16, choices=State.choices)
    result = models.CharField(max_length=16, choices=State.choices)
    reason = models.CharField(max_length=16, choices=DenyReason.choices, blank=True)
    note = models.TextField(blank=True, help_text="In words; shown to the member when denied.")
    threshold_years = models.PositiveSmallIntegerField()
    method = models.CharField(max_length=12, choices=Method.choices)
    actor_type = models.CharField(max_length=8, choices=ActorType.choices)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
    )
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, null=True, blank=True)
    idempotency_key = models.UUIDField(
        null=True, blank=True, unique=True, help_text="A form sent twice decides once."
    )
    decided_at = models.DateTimeField(default=timezone.now)
    undo_until = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)
    counted_at = models.DateTimeField(
        null=True, blank=True, help_text="When the metrics counted it: after the undo window."
    )
    standing = models.BooleanField(
        default=True, help_text="False once undone, overridden or answered by a resubmission."
    )
    overrides = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="overridden_by",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "request_version"], name="one_decision_a_version"
            ),
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(standing=True),
                name="one_standing_decision_a_request",
            ),
            models.UniqueConstraint(
                fields=["overrides"],
                condition=Q(undone_at__isnull=True, overrides__isnull=False),
                name="one_standing_override_a_decision",
            ),
            models.CheckConstraint(
                name="decision_result_known",
                condition=Q(result__in=[State.APPROVED, State.DENIED, State.MORE_REQUESTED]),
            ),
            models.CheckConstraint(
                name="denial_has_a_reason",
                condition=~Q(result=State.DENIED) | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="staff_decision_names_its_author",
                condition=(Q(actor_type="staff") & Q(decided_by__isnull=False))
                | (~Q(actor_type="staff") & Q(decided_by__isnull=True)),
            ),
            models.CheckConstraint(
                name="undone_does_not_stand",
                condition=Q(undone_at__isnull=True) | Q(standing=False),
            ),
        ]
        indexes = [
            models.Index(fields=["decided_by", "-decided_at"], name="decision_by_author"),
            models.Index(
                fields=["undo_until"],
                condition=Q(counted_at__isnull=True, undone_at__isnull=True),
                name="decisions_to_count",
            ),
        ]

    def __str__(self) -> str:
        return f"decision {self.pk}: {self.result}"

    @property
    def appeal_from(self) -> datetime:
        """When the cool-down of a denial ends: from then on it can be appealed, or asked anew."""
        return self.decided_at + policy.DENIAL_APPEAL_COOL_DOWN

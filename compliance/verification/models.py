"""Age verifications: the request and the decisions about it.

The database holds what must never be broken: one unfinished request a member, one decision for
each version of a request, one standing decision.
"""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from compliance import policy
from compliance.desk.models import Claim
from compliance.members.models import Consent, Member
from compliance.verification.states import REVIEWABLE, UNFINISHED, DenyReason, Method, State
from monitoring.audit.models import ActorType


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
    def decider(self) -> str:
        """Who decided, wherever it is told: a person's name, or what decided without one."""
        return str(self.decided_by or self.get_actor_type_display())

    @property
    def appeal_from(self) -> datetime:
        """When the cool-down of a denial ends: from then on it can be appealed, or asked anew."""
        return self.decided_at + policy.DENIAL_APPEAL_COOL_DOWN

"""Appeals of denied members. The database holds: one a decision, decided by somebody else."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone

from compliance import policy
from compliance.members.models import Member
from compliance.verification.models import Decision


def _decided_by() -> datetime:
    return timezone.now() + policy.APPEAL_DUE


class AppealState(models.TextChoices):
    OPEN = "open", "Open"
    UPHELD = "upheld", "Denial upheld"
    GRANTED = "granted", "May send again"
    REVERSED = "reversed", "Reversed: approved"
    MOOT = "moot", "Closed, nothing left to decide"


class AppealQuerySet(models.QuerySet["Appeal"]):
    def open(self) -> "AppealQuerySet":
        return self.filter(state=AppealState.OPEN)

    def decided(self) -> "AppealQuerySet":
        return self.exclude(state=AppealState.OPEN)


class Appeal(models.Model):
    """A denied member says in their own words why the decision is wrong."""

    decision = models.OneToOneField(Decision, on_delete=models.CASCADE, related_name="appeal")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="appeals")
    decision_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Author of the denial, who may not decide this.",
    )
    words = models.TextField(help_text="The member's own.")
    state = models.CharField(max_length=8, choices=AppealState.choices, default=AppealState.OPEN)
    version = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=_decided_by)
    note = models.TextField(blank=True, help_text="Why; the member reads it.")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="appeals_decided",
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    undo_until = models.DateTimeField(null=True, blank=True)
    override = models.OneToOneField(
        Decision,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="reversing_appeal",
        help_text="The decision that reversed the denial.",
    )

    objects = AppealQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="appeal_state_known", condition=Q(state__in=AppealState.values)
            ),
            models.CheckConstraint(
                name="appeal_decided_by_somebody_else",
                condition=Q(decided_by__isnull=True)
                | Q(decision_by__isnull=True)
                | ~Q(decided_by=F("decision_by")),
            ),
            models.CheckConstraint(
                name="appeal_decided_by_a_person",
                condition=Q(
                    state="open",
                    decided_by__isnull=True,
                    decided_at__isnull=True,
                    undo_until__isnull=True,
                )
                | (
                    ~Q(state="open")
                    & Q(
                        decided_by__isnull=False,
                        decided_at__isnull=False,
                        undo_until__isnull=False,
                    )
                ),
            ),
            models.CheckConstraint(
                name="appeal_refused_with_words", condition=~Q(state="upheld") | ~Q(note="")
            ),
            models.CheckConstraint(
                name="appeal_has_words",
                condition=~Q(words="") & Q(LessThanOrEqual(Length("words"), 1000)),
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state="open"), name="appeals_open"),
            models.Index(fields=["member", "-id"], name="appeals_by_member"),
            models.Index(fields=["decided_at"], name="appeals_by_decision"),
        ]

    def __str__(self) -> str:
        return f"appeal {self.pk}"

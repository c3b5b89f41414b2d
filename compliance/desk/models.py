"""What waits for a person, who works on it, who handed it on, and what can still be taken back.

A work item is put here and taken away by the database itself (operations.py): a row of a room
that waits has an open item, whichever code wrote it.
"""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from compliance.members.models import Member


class Priority(models.IntegerChoices):
    """How much harm waiting does; a list is in the order of deadlines all the same."""

    LOW = 1, "low"
    MEDIUM = 2, "medium"
    HIGH = 3, "high"
    CRITICAL = 4, "critical"


class WorkItemQuerySet(models.QuerySet["WorkItem"]):
    def open(self) -> "WorkItemQuerySet":
        """Waits for a person."""
        return self.filter(closed_at__isnull=True)

    def of(self, kind: str, subject: int | None = None) -> "WorkItemQuerySet":
        """Those of a kind, or the one of a thing."""
        found = self.filter(kind=kind)
        return found if subject is None else found.filter(subject=subject)

    def overdue(self, at: datetime | None = None) -> "WorkItemQuerySet":
        return self.open().filter(due_at__lt=at or timezone.now())

    def by_deadline(self) -> "WorkItemQuerySet":
        """The oldest deadline first, in the order of the indexes that serve the lists."""
        return self.order_by("due_at", "id")


class WorkItem(models.Model):
    """That something waits for a person, from when to when; `subject` is its key in its room."""

    kind = models.CharField(max_length=32, help_text="Name of a kind that plugs in (review.py).")
    subject = models.BigIntegerField()
    member = models.ForeignKey(
        Member,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="work_items",
        help_text="Whom it is about, who may not work on it.",
    )
    not_for = ArrayField(
        models.BigIntegerField(),
        default=list,
        blank=True,
        help_text="Staff who decided what is looked at again, who may not work on it either.",
    )
    opened_at = models.DateTimeField(help_text="Since when it waits; never reset.")
    due_at = models.DateTimeField()
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.MEDIUM)
    escalated_at = models.DateTimeField(null=True, blank=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="work_items",
        help_text="Whom it was escalated to; nobody: whoever may take any of its kind.",
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = WorkItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject"], name="one_item_a_thing"),
            models.CheckConstraint(
                name="item_assigned_when_escalated",
                condition=Q(assigned_to__isnull=True) | Q(escalated_at__isnull=False),
            ),
            models.CheckConstraint(
                name="item_priority_known", condition=Q(priority__in=Priority.values)
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=Q(closed_at__isnull=True), name="items_open"
            ),
            models.Index(
                fields=["kind", "due_at", "id"],
                condition=Q(closed_at__isnull=True),
                name="items_open_by_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class ClaimQuerySet(models.QuerySet["Claim"]):
    def on(self, kind: str, subject: int | OuterRef) -> "ClaimQuerySet":
        return self.filter(item__kind=kind, item__subject=subject)

    def open(self) -> "ClaimQuerySet":
        """Not ended; the lease of some may be over."""
        return self.filter(ended_at__isnull=True)

    def running(self) -> "ClaimQuerySet":
        return self.open().filter(expires_at__gt=Now())


class Claim(models.Model):
    """Who works on an item until when. A row with a lease, not a state of what waits."""

    class End(models.TextChoices):
        RELEASED = "released", "Released"
        DECIDED = "decided", "Decided"
        LEASE_ENDED = "lease_ended", "Lease ended"
        SIGNED_OUT = "signed_out", "Signed out"
        RIGHT_ENDED = "right_ended", "Role or person left"
        MOVED = "moved", "Nothing waits any more"

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="claims")
    moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="claims"
    )
    started_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(help_text="The lease, or what its page leaves of it.")
    lease_until = models.DateTimeField(
        null=True, blank=True, help_text="How long it lasts without work, while its page is open."
    )
    revealed_at = models.DateTimeField(
        null=True, blank=True, help_text="First look at the evidence in this claim."
    )
    reveal_failed_at = models.DateTimeField(
        null=True, blank=True, help_text="When the store last could not show a picture in it."
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=12, choices=End.choices, blank=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(ended_at__isnull=True),
                name="one_open_claim_an_item",
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
    def on(self, kind: str, subject: int) -> "EscalationQuerySet":
        return self.filter(item__kind=kind, item__subject=subject)

    def that_count(self) -> "EscalationQuerySet":
        return self.filter(undone_at__isnull=True)


class Escalation(models.Model):
    """Who handed an item to whom, and why. The newest that was not taken back counts."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="escalations")
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
    undo_until = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = EscalationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="escalated_to_somebody_else",
                condition=Q(escalated_to__isnull=True) | ~Q(escalated_to=F("escalated_by")),
            ),
            models.CheckConstraint(name="escalation_has_words", condition=~Q(note="")),
        ]
        indexes = [
            models.Index(fields=["item", "-id"], name="escalation_by_item"),
            models.Index(fields=["escalated_by", "-escalated_at"], name="escalations_by_person"),
        ]

    def __str__(self) -> str:
        return f"escalation {self.pk}"


class HeldActQuerySet(models.QuerySet["HeldAct"]):
    def waiting(self) -> "HeldActQuerySet":
        return self.filter(undone_at__isnull=True, done_at__isnull=True)

    def over(self) -> "HeldActQuerySet":
        return self.filter(Q(undone_at__isnull=False) | Q(done_at__isnull=False))


class HeldAct(models.Model):
    """What somebody did and can still take back: it happens at `due_at`, by the sweep."""

    kind = models.CharField(max_length=16, help_text="What was registered in holding.py.")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="held_acts"
    )
    subject = models.CharField(
        max_length=64, help_text="What it uses up: it is done with that once, unless taken back."
    )
    payload = models.JSONField(help_text="What it takes to do it; emptied when it is over.")
    words = models.TextField(help_text="What is said of it while it can be taken back.")
    held_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(blank=True, help_text="What came of it, in a sentence.")

    objects = HeldActQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="held_act_ends_once",
                condition=Q(undone_at__isnull=True) | Q(done_at__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(undone_at__isnull=True),
                name="one_held_act_a_subject",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(undone_at__isnull=True, done_at__isnull=True),
                name="held_acts_waiting",
            ),
            models.Index(fields=["by", "-held_at"], name="held_acts_by_person"),
        ]

    def __str__(self) -> str:
        return f"held act {self.pk}"

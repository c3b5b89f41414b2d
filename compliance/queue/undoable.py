"""Decisions and escalations that can still be taken back."""

from django.urls import reverse
from django.utils import timezone

from compliance import policy
from compliance.desk.models import Escalation
from compliance.desk.undoing import Undoable
from compliance.queue import words
from compliance.verification.claims import KIND
from compliance.verification.models import Decision
from monitoring.people import Person


def decisions_of(person: Person) -> list[Undoable]:
    now = timezone.now()
    found = Decision.objects.filter(
        decided_by=person, decided_at__gt=now - policy.UNDO_WINDOW, undo_until__gt=now,
        standing=True,
    ).select_related("request__member")  # fmt: skip
    return [
        Undoable(words.decided(row), row.undo_until, reverse("queue_undo", args=[row.pk]), True)
        for row in found
    ]


def escalations_of(person: Person) -> list[Undoable]:
    now = timezone.now()
    found = Escalation.objects.filter(
        escalated_by=person, escalated_at__gt=now - policy.UNDO_WINDOW, undo_until__gt=now,
        undone_at__isnull=True, item__kind=KIND.name,
    ).select_related("item__member", "escalated_to")  # fmt: skip
    return [
        Undoable(
            words.escalated(row),
            row.undo_until,
            reverse("queue_escalation_undo", args=[row.pk]),
            True,
        )
        for row in found
        if row.undo_until is not None
    ]

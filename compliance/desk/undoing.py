"""What somebody can still take back, the newest first: each kind of act registers its own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from compliance import policy
from compliance.desk.models import HeldAct
from monitoring.people import Person


@dataclass(frozen=True)
class Undoable:
    """One act within its undo window, ready to show."""

    words: str  # what was done and what waits; the seconds that are left follow
    until: datetime
    url: str  # a POST takes it back
    on_desk: bool = False  # the desk shows what was taken back in its columns


Find = Callable[[Any], list[Undoable]]
_finders: list[Find] = []


def register(find: Find) -> None:
    """`find(person)` answers with what this person can take back now."""
    if find not in _finders:
        _finders.append(find)


def of(person: Person) -> list[Undoable]:
    """Everything that this person can take back now, the newest first."""
    found = [act for find in _finders for act in find(person)]
    return sorted(found, key=lambda act: act.until, reverse=True)


def context(person: Person) -> dict[str, Any]:
    """For the pages that show it (desk/_undos.html)."""
    return {"undos": of(person), "undo_seconds": int(policy.UNDO_WINDOW.total_seconds())}


def held_by(person: Person) -> list[Undoable]:
    """Many at once, and answers of second reviews: nothing of them has happened yet."""
    found = HeldAct.objects.waiting().filter(by=person, due_at__gt=timezone.now())
    return [
        Undoable(row.words, row.due_at, reverse("queue_held_undo", args=[row.pk])) for row in found
    ]

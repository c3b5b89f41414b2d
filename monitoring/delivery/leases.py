"""Leases: who has taken a row to do something outside, and until when.

A row that is taken counts its attempts, and only its own attempt may end it: who comes back late
changes nothing of the next one. What a dead process held comes back by itself.
"""

from datetime import datetime
from typing import Any, TypeVar

from django.db.models import F, Model, QuerySet
from django.db.models.expressions import Combinable

M = TypeVar("M", bound=Model)


def take(due: QuerySet[M], limit: int, *, state: str, until: datetime | Combinable) -> list[M]:
    """The first rows of `due` that nobody else takes, leased; in the caller's transaction.

    The rows need `state`, `leased_until` and `attempts`; `due` must be in order.
    """
    rows: list[Any] = list(due.select_for_update(skip_locked=True, of=("self",))[:limit])
    if rows:
        manager: Any = due.model._default_manager
        manager.filter(pk__in=[row.pk for row in rows]).update(
            state=state, leased_until=until, attempts=F("attempts") + 1
        )
        for row in rows:
            row.state = state
            row.attempts += 1
    return rows


def held(row: M, *, state: str) -> QuerySet[M]:
    """The row, while it is this attempt that holds it, in the `state` of what is taken."""
    found: Any = row
    manager: Any = type(row)._default_manager
    rows: QuerySet[M] = manager.filter(pk=found.pk, state=state, attempts=found.attempts)
    return rows


def expired(rows: QuerySet[M], *, state: str, now: datetime | Combinable) -> QuerySet[M]:
    """Those whose holder must be dead."""
    return rows.filter(state=state, leased_until__lte=now)

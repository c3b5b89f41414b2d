"""Sums of what happened in the guild, a row a day, kind and channel: of nobody in particular."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from django.db import connection, transaction

from growmies_admin import policy
from growmies_admin.bot.models import ActivityDay
from monitoring.kpis.days import today

Kind = ActivityDay.Kind
# In SQL for a race: of two who add to one row at once, neither takes the other's sum away.
_ADD = """
    INSERT INTO bot_activityday (day, kind, channel, count, seconds) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (day, kind, channel) DO UPDATE SET
        count = bot_activityday.count + EXCLUDED.count,
        seconds = bot_activityday.seconds + EXCLUDED.seconds
"""


class Where(NamedTuple):
    """Which row: a day of New York, a kind, the name of a channel or nothing."""

    day: date
    kind: str
    channel: str = ""


class Sum(NamedTuple):
    number: int = 0
    seconds: float = 0.0

    def plus(self, number: int, seconds: float) -> "Sum":
        return Sum(self.number + number, self.seconds + seconds)


NOTHING = Sum()


def add(sums: Mapping[Where, Sum]) -> None:
    """Add to the rows, all or nothing. Raises DatabaseError."""
    # In one order: two writers must not wait for each other.
    rows = [(*where, *sums[where]) for where in sorted(sums)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(_ADD, rows)


def of_day(day: date, kind: str) -> dict[str, Sum]:
    """By channel."""
    found = ActivityDay.objects.filter(day=day, kind=kind)
    return {row.channel: Sum(row.count, row.seconds) for row in found}


def old_rows() -> int:
    """Rows past their retention."""
    limit = today().on - policy.ACTIVITY_RETENTION
    removed: int = ActivityDay.objects.filter(day__lt=limit).delete()[0]
    return removed

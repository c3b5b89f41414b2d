"""Days of New York, by which every KPI is counted."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

ZONE = ZoneInfo("America/New_York")


@dataclass(frozen=True)
class Day:
    """A day; `ends` is the midnight after it, or now while it runs."""

    on: date
    begins: datetime
    ends: datetime
    over: bool

    @property
    def seconds(self) -> float:
        """How long it is so far; 23 or 25 hours when the clock is changed."""
        return (self.ends - self.begins).total_seconds()

    def back(self, length: timedelta) -> datetime:
        """So long before its end."""
        return self.ends - length

    def earlier(self, days: int) -> date:
        return self.on - timedelta(days=days)


def day_of(which: date, now: datetime | None = None) -> Day:
    moment = now or timezone.now()
    begins, midnight = _midnight(which), _midnight(which + timedelta(days=1))
    return Day(which, begins, min(midnight, max(moment, begins)), over=moment >= midnight)


def today(now: datetime | None = None) -> Day:
    moment = now or timezone.now()
    return day_of(moment.astimezone(ZONE).date(), moment)


def _midnight(which: date) -> datetime:
    # In UTC: a difference between two times of one zone forgets the change of the clock.
    return datetime.combine(which, time(), ZONE).astimezone(ZoneInfo("UTC"))

"""How fast somebody answers and how long it takes: MTTA and MTTR."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, Count, F, Q
from django.db.models.functions import TruncWeek
from django.utils import timezone

from monitoring.incidents.models import Incident

_ANSWER = F("acknowledged_at") - F("opened_at")
_END = F("resolved_at") - F("opened_at")


def mtta(since: datetime) -> timedelta | None:
    """Mean time to acknowledge, of incidents opened since then; None without any."""
    found = Incident.objects.filter(opened_at__gte=since, acknowledged_at__isnull=False)
    mean: timedelta | None = found.aggregate(mean=Avg(_ANSWER))["mean"]
    return mean


def mttr(since: datetime) -> timedelta | None:
    """Mean time to resolve, of incidents resolved since then; None without any."""
    found = Incident.objects.filter(resolved_at__gte=since)
    mean: timedelta | None = found.aggregate(mean=Avg(_END))["mean"]
    return mean


@dataclass(frozen=True)
class Week:
    """Incidents that were opened in a week, and their means."""

    begins: datetime
    count: int
    mtta: timedelta | None
    mttr: timedelta | None


def weeks(number: int = 12) -> list[Week]:
    """The last weeks, oldest first, empty ones too; weeks begin on Monday in the reader's zone."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday())
    starts = [_local(monday - timedelta(weeks=n)) for n in reversed(range(number))]
    rows = (
        Incident.objects.filter(opened_at__gte=starts[0])
        .annotate(week=TruncWeek("opened_at"))
        .order_by()
        .values("week")
        .annotate(
            n=Count("id"),
            answer=Avg(_ANSWER, filter=Q(acknowledged_at__isnull=False)),
            end=Avg(_END, filter=Q(resolved_at__isnull=False)),
        )
    )
    found = {row["week"].date(): row for row in rows}
    return [
        Week(
            begins=start,
            count=row["n"] if row else 0,
            mtta=row["answer"] if row else None,
            mttr=row["end"] if row else None,
        )
        for start in starts
        for row in [found.get(start.date())]
    ]


def _local(moment: datetime) -> datetime:
    """Midnight of that day, also across the change of the clock."""
    return timezone.make_aware(moment.replace(tzinfo=None), timezone.get_current_timezone())

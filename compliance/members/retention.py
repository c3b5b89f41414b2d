"""Of those who joined together, how many are still there some time later."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from django.db.models import Count, F, Min, Q
from django.db.models.functions import TruncMonth
from django.utils import timezone

from compliance import policy
from compliance.members.models import Member
from monitoring import policy as monitoring_policy
from monitoring.kpis.days import ZONE, Day
from monitoring.kpis.registry import NotMeasured, Part, Reading, Table, TooFew
from monitoring.kpis.words import figure

FEW = "too few to show"
_MONTHS = 6


def watching_since() -> datetime | None:
    """Who came and left before then is not known to us; None when nobody was ever seen."""
    since: datetime | None = Member.everybody.aggregate(at=Min("first_seen_at"))["at"]
    return since


def measure(day: Day) -> Reading:
    """The share after the first of RETENTION_DAYS is the value; the others are parts."""
    since = watching_since()
    if since is None:
        raise NotMeasured("No member was seen yet.")
    first, *_ = found = [_share(day, length, since) for length in policy.RETENTION_DAYS]
    if first is None:
        known_on = (
            since + timedelta(days=policy.RETENTION_DAYS[0]) + policy.KPI_PERIOD
        ).astimezone(ZONE)
        raise NotMeasured(
            f"The bot has watched since {_date(since.astimezone(ZONE))}; who came and left before "
            f"is not known. It can be told from {_date(known_on)} on."
        )
    if first < 0:
        raise TooFew(f"Fewer than {monitoring_policy.KPI_TOO_FEW} members joined in that month.")
    parts = [
        Part(f"{length} days", share if share is not None and share >= 0 else None)
        for length, share in zip(policy.RETENTION_DAYS, found, strict=True)
    ]
    return Reading(first, parts)


def require_known(begin: datetime) -> None:
    """Raises NotMeasured when nobody watched yet at that time."""
    since = watching_since()
    if since is None or begin < since:
        when = _date(since.astimezone(ZONE)) if since else "a short while ago"
        raise NotMeasured(
            f"The bot has watched since {when}; who came and left before is not known."
        )


def cohorts() -> Table:
    """The last months, each with its shares; small ones say that they are."""
    now = timezone.now()
    month = now.astimezone(ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    begin = month - timedelta(days=28 * _MONTHS)
    since = watching_since()
    counts = {
        f"after{length}": Count("pk", filter=_still_there(length))
        for length in policy.RETENTION_DAYS
    }
    found = (
        Member.objects.filter(joined_at__gte=begin.replace(day=1), joined_at__lte=now)
        .annotate(month=TruncMonth("joined_at", tzinfo=ZONE))
        .order_by("-month")
        .values("month")
        .annotate(joined=Count("pk"), **counts)
    )
    rows = [list(_cells(row, since, now)) for row in found]
    columns = ["Joined in", "Members", *(f"After {n} days" for n in policy.RETENTION_DAYS)]
    return Table("By month of joining", columns, rows)


def _cells(row: Mapping[str, object], since: datetime | None, now: datetime) -> Iterator[str]:
    month, joined = row["month"], row["joined"]
    assert isinstance(month, datetime) and isinstance(joined, int)
    few = joined < monitoring_policy.KPI_TOO_FEW
    yield f"{month:%B %Y}"
    yield f"fewer than {monitoring_policy.KPI_TOO_FEW}" if few else f"{joined:,}"
    after_it = (month + timedelta(days=32)).replace(day=1)
    for length in policy.RETENTION_DAYS:
        stayed = row[f"after{length}"]
        assert isinstance(stayed, int)
        if since is None or month < since:
            yield "not known"
        elif after_it + timedelta(days=length) > now:
            yield "not yet"
        else:
            yield FEW if few else figure(stayed / joined, "share")


def _share(day: Day, length: int, since: datetime) -> float | None:
    """None when nobody watched yet, -1 when they are too few."""
    end = day.back(timedelta(days=length))
    begin = end - policy.KPI_PERIOD
    if begin < since:
        return None
    found = Member.objects.filter(joined_at__gt=begin, joined_at__lte=end).aggregate(
        joined=Count("pk"), stayed=Count("pk", filter=_still_there(length))
    )
    if found["joined"] < monitoring_policy.KPI_TOO_FEW:
        return -1.0
    return float(found["stayed"] / found["joined"])


def _still_there(length: int) -> Q:
    return Q(in_guild=True) | Q(left_at__gte=F("joined_at") + timedelta(days=length))


def _date(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y}"

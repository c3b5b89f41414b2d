"""The list of incidents: filters as they stand in the URL, pages by keyset."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count
from django.utils import timezone

from monitoring.alerts.models import Severity
from monitoring.incidents import figures
from monitoring.incidents.models import Incident

PAGE = 25
COUNT_SECONDS = 2
TABS = {"live": "Open", "over": "Over", "all": "All"}
LATELY = timedelta(days=30)


@dataclass(frozen=True)
class Filters:
    """Unknown values are as if they were not there."""

    tab: str = "live"
    severity: str = ""
    text: str = ""
    before: str = ""

    @classmethod
    def from_query(cls, found: Any) -> "Filters":
        tab, severity, before = (found.get(n, "") for n in ("tab", "severity", "before"))
        return cls(
            tab=tab if tab in TABS else "live",
            severity=severity if severity in Severity.values else "",
            text=found.get("q", "").replace("\x00", "").strip()[:100],
            before=before if before.isdecimal() and len(before) < 19 else "",
        )

    @property
    def any(self) -> bool:
        return bool(self.severity or self.text)


@dataclass(frozen=True)
class Page:
    rows: list[Any]
    next_before: int | None


def page(filters: Filters) -> Page:
    """Newest first; `alerts` of a row is how many it has."""
    found = Incident.objects.newest().select_related("commander", "opened_by")
    if filters.tab == "live":
        found = found.live()
    elif filters.tab == "over":
        found = found.over()
    if filters.severity:
        found = found.filter(severity=filters.severity)
    if filters.text:
        number = filters.text.upper().removeprefix("INC-")
        if number.isdecimal() and len(number) < 19:
            found = found.filter(pk=int(number))
        else:
            found = found.filter(title__icontains=filters.text)
    if filters.before:
        found = found.filter(pk__lt=int(filters.before))
    rows = list(found[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return Page(_counted(rows), rows[-1].pk if more else None)


def recent(number: int = 5) -> list[Any]:
    """The last that are over."""
    return _counted(list(Incident.objects.over().newest().select_related("commander")[:number]))


def live_count() -> int:
    """How many are not over; some seconds old at most."""
    count: int | None = cache.get("incidents.live")
    if count is None:
        count = Incident.objects.live().count()
        cache.set("incidents.live", count, COUNT_SECONDS)
    return count


def lately() -> tuple[timedelta | None, timedelta | None]:
    """MTTA and MTTR of the last 30 days."""
    since = timezone.now() - LATELY
    return figures.mtta(since), figures.mttr(since)


def version(rows: list[Any]) -> str:
    """Changes when the list would look different."""
    seen = "-".join(f"{row.pk}{row.state}{row.alerts}{row.commander_id}" for row in rows)
    return hashlib.sha256(seen.encode()).hexdigest()[:12]


def _counted(rows: list[Incident]) -> list[Any]:
    """Counted for the rows of the page alone."""
    found = (
        Incident.objects.filter(pk__in=[row.pk for row in rows])
        .order_by()
        .values_list("pk")
        .annotate(n=Count("links"))
    )
    counts = dict(found)
    for row in rows:
        row.alerts = counts.get(row.pk, 0)  # type: ignore[attr-defined]
    return rows

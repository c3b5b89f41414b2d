"""The list of incidents: filters as they stand in the URL, pages by keyset."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count
from django.utils import timezone

from monitoring import policy
from monitoring.alerts.models import Severity
from monitoring.incidents import figures
from monitoring.incidents.models import Incident
from monitoring.ui import paging, params

PAGE = 25
COUNT_SECONDS = 2
TABS = {"live": "Open", "over": "Over", "all": "All"}


@dataclass(frozen=True)
class Filters:
    """Unknown values are as if they were not there."""

    tab: str = "live"
    severity: str = ""
    text: str = ""
    after: str = ""

    @classmethod
    def from_query(cls, found: Any) -> "Filters":
        tab, severity, after = (found.get(n, "") for n in ("tab", "severity", "after"))
        return cls(
            tab=tab if tab in TABS else "live",
            severity=severity if severity in Severity.values else "",
            text=found.get("q", "").replace("\x00", "").strip()[:100],
            after=after,
        )

    @property
    def any(self) -> bool:
        return bool(self.severity or self.text)


def page(filters: Filters) -> paging.Page[Any]:
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
        if (pk := params.whole(number)) is not None:
            found = found.filter(pk=pk)
        else:
            found = found.filter(title__icontains=filters.text)
    listed = paging.page(found, "-id", after=filters.after, size=PAGE)
    _counted(listed.rows)
    return listed


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
    """MTTA and MTTR of INCIDENT_FIGURES_PERIOD."""
    since = timezone.now() - policy.INCIDENT_FIGURES_PERIOD
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

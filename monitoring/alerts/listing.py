"""Lists of alerts: filters as they stand in the URL, pages by keyset, counts that stay cheap."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Exists, OuterRef
from django.http import QueryDict

from monitoring import policy
from monitoring.alerts import attended
from monitoring.alerts.models import (
    Acknowledgement,
    AcknowledgementQuerySet,
    Alert,
    AlertQuerySet,
    Severity,
    Status,
)
from monitoring.ui import paging

PAGE = 25
LOOKED_AT = 100  # for the tone of what fires
_BY_RANK = dict(enumerate(Severity.values))
COUNT_SECONDS = 2
NAMES_SECONDS = 30
NAMES_AT_MOST = 200
TABS = {
    "firing": "Firing now",
    "acknowledged": "Acknowledged",
    "history": "History",
}


@dataclass(frozen=True)
class Filters:
    """What the URL asks for; unknown values are as if they were not there."""

    tab: str = "firing"
    severity: str = ""
    service: str = ""
    name: str = ""
    status: str = ""
    acknowledged: str = ""
    after: str = ""

    @classmethod
    def from_query(cls, found: QueryDict) -> "Filters":
        def one_of(name: str, known: object) -> str:
            value = found.get(name, "")
            return value if value in known else ""  # type: ignore[operator]

        return cls(
            tab=one_of("tab", TABS) or "firing",
            severity=one_of("severity", Severity.values),
            service=found.get("service", "").strip()[:100],
            name=found.get("name", "").strip()[:200],
            status=one_of("status", Status.values),
            acknowledged=one_of("acknowledged", ("yes", "no")),
            after=found.get("after", ""),
        )

    @property
    def any(self) -> bool:
        return bool(self.severity or self.service or self.name or self.status or self.acknowledged)


@dataclass
class Row:
    """An alert with what the list says of it."""

    alert: Alert
    held: Acknowledgement | None = None
    why: str = ""  # it needs nobody now, where nobody acknowledged it


@dataclass
class Page:
    rows: list[Row] = field(default_factory=list)
    next: str = ""
    version: str = ""


def page(filters: Filters) -> Page:
    """One page: firing by urgency, acknowledged oldest first, history newest first."""
    if filters.tab == "acknowledged":
        return _acknowledged(filters)
    found = _filtered(filters)
    order: tuple[str, ...] = ("-id",)
    if filters.tab == "firing":
        found, order = found.firing().exclude(name=policy.WATCHDOG), ("rank", "-id")
    listed = paging.page(found, *order, after=filters.after, size=PAGE)
    rows = rows_of(listed.rows)
    return Page(rows, listed.next, _version(rows))


def totals() -> dict[str, int]:
    """How many fire, by severity, and how many are acknowledged; some seconds old at most."""
    found: dict[str, int] | None = cache.get("alerts.totals")
    if found is None:
        # By rank, which the index of what fires has; the switch is looked up by its name.
        counted = Alert.objects.firing().order_by().values_list("rank").annotate(n=Count("id"))
        found = dict.fromkeys(Severity.values, 0)
        found |= {_BY_RANK[rank]: count for rank, count in counted}
        for severity, count in _watchdogs():
            found[severity] -= count
        found["firing"] = sum(found.values())
        found["acknowledged"] = _open_acknowledgements().count()
        cache.set("alerts.totals", found, COUNT_SECONDS)
    return found


def firing_tone() -> str:
    """Of the worst that fires and needs somebody; some seconds old at most."""
    found: str | None = cache.get("alerts.tone")
    if found is None:
        alerts = Alert.objects.firing().exclude(name=policy.WATCHDOG).by_urgency()
        alerts = alerts.defer("labels", "annotations", "group_key", "generator_url")
        worst = list(alerts[:LOOKED_AT])
        count = totals()["firing"]
        found = str(attended.worst_tone(count, worst, attended.of_rows(worst)))
        cache.set("alerts.tone", found, COUNT_SECONDS)
    return found


def _watchdogs() -> list[tuple[str, int]]:
    firing = Alert.objects.firing().filter(name=policy.WATCHDOG).order_by()
    return list(firing.values_list("severity").annotate(n=Count("id")))


def watchdog_heard_at() -> datetime | None:
    """When the dead man's switch last came through; None when it never did."""
    newest = Alert.objects.filter(name=policy.WATCHDOG).order_by("-id")
    return newest.values_list("last_received_at", flat=True).first()


def forget_totals() -> None:
    """After an act of the reader: the next page counts anew."""
    cache.delete_many(["alerts.totals", "alerts.tone"])


def services() -> list[str]:
    return _distinct("service")


def names() -> list[str]:
    return _distinct("name")


def _filtered(filters: Filters) -> AlertQuerySet:
    found = Alert.objects.all()
    for name in ("severity", "service", "name"):
        if value := getattr(filters, name):
            found = found.filter(**{name: value})
    if filters.status and filters.tab == "history":
        found = found.filter(status=filters.status)
    if filters.acknowledged:
        held = Acknowledgement.objects.open().filter(alert=OuterRef("pk"))
        found = found.filter(Exists(held) if filters.acknowledged == "yes" else ~Exists(held))
    return found.defer("labels", "group_key", "generator_url")


def _acknowledged(filters: Filters) -> Page:
    found = _open_acknowledgements().select_related("alert", "by")
    for name in ("severity", "service", "name"):
        if value := getattr(filters, name):
            found = found.filter(**{f"alert__{name}": value})
    listed = paging.page(found, "at", "id", after=filters.after, size=PAGE)
    rows = [Row(one.alert, one) for one in listed.rows]
    return Page(rows, listed.next, _version(rows))


def _open_acknowledgements() -> AcknowledgementQuerySet:
    """They end with their alert; oldest first is the order of their index."""
    return Acknowledgement.objects.open()


def rows_of(alerts: list[Alert]) -> list[Row]:
    """With who acknowledged each, or why it needs nobody all the same."""
    found = Acknowledgement.objects.open().select_related("by").filter(alert__in=alerts)
    held = {one.alert_id: one for one in found}
    open_ = [one for one in alerts if one.status == Status.FIRING and one.pk not in held]
    why = attended.of_rows(open_)
    return [Row(one, held.get(one.pk), why.get(one.pk, "")) for one in alerts]


def _version(rows: list[Row]) -> str:
    """Changes when anything that the rows show does."""
    shown = [
        f"{row.alert.pk}{row.alert.status}{row.alert.is_silenced}{row.held and row.held.pk}"
        f"{row.why}"
        for row in rows
    ]
    return hashlib.sha256("|".join(shown).encode()).hexdigest()[:16]


# In SQL for tests/bench/test_alerts.py: it steps from one value to the next in the index, so that a
# million rows cost as much as a hundred.
_STEPS = """
WITH RECURSIVE steps AS (
    (SELECT {column} AS value FROM alerts_alert ORDER BY {column} LIMIT 1)
    UNION ALL
    SELECT (SELECT {column} FROM alerts_alert WHERE {column} > steps.value
            ORDER BY {column} LIMIT 1)
    FROM steps WHERE steps.value IS NOT NULL
)
SELECT value FROM steps WHERE value <> '' LIMIT %s
"""


def _distinct(column: str) -> list[str]:
    key = f"alerts.distinct.{column}"
    found: list[str] | None = cache.get(key)
    if found is None:
        with connection.cursor() as cursor:
            cursor.execute(_STEPS.format(column=column), [NAMES_AT_MOST])
            found = [value for (value,) in cursor.fetchall()]
        cache.set(key, found, NAMES_SECONDS)
    return found

"""What waits for people, of all kinds, from the database."""

from collections.abc import Iterable

from django.db.models import Count, Min, Q
from django.utils import timezone

from compliance.desk import kinds
from compliance.desk.models import WorkItem
from monitoring.metrics.families import database_gauge

STATES = ("pending", "escalated")


def _depth() -> Iterable[tuple[tuple[str, ...], float]]:
    found = WorkItem.objects.open().order_by().values_list("kind")
    escalated = Count("pk", filter=Q(escalated_at__isnull=False))
    counted = {kind: (pending, handed) for kind, pending, handed in found.annotate(
        pending=Count("pk", filter=Q(escalated_at__isnull=True)), escalated=escalated
    )}  # fmt: skip
    for kind in kinds.every():
        for state, number in zip(STATES, counted.get(kind.name, (0, 0)), strict=True):
            yield (kind.name, state), number


def _overdue() -> Iterable[tuple[tuple[str, ...], float]]:
    found = WorkItem.objects.overdue().order_by().values_list("kind").annotate(n=Count("pk"))
    counted = dict(found)
    for kind in kinds.every():
        yield (kind.name,), counted.get(kind.name, 0)


def _oldest() -> Iterable[tuple[tuple[str, ...], float]]:
    now = timezone.now()
    found = WorkItem.objects.open().order_by().values_list("kind").annotate(at=Min("opened_at"))
    since = dict(found)
    for kind in kinds.every():
        at = since.get(kind.name)
        yield (kind.name,), max((now - at).total_seconds(), 0.0) if at else 0.0


database_gauge("review_queue_depth", "What waits for a person, by kind.", ["kind", "state"], _depth)
database_gauge("review_overdue", "What waits past its deadline, by kind.", ["kind"], _overdue)
database_gauge(
    "review_oldest_pending_seconds",
    "Age of what waits longest, since it was opened first, by kind.",
    ["kind"],
    _oldest,
)

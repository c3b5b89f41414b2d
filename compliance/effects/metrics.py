"""Figures of the outbox, from the database."""

from collections.abc import Iterable

from django.db.models import Count, Min
from django.utils import timezone

from compliance.effects.models import DUE, UNFINISHED, Effect
from monitoring.metrics.families import database_gauge


def _by_state() -> Iterable[tuple[tuple[str, ...], float]]:
    found = dict(
        Effect.objects.filter(state__in=UNFINISHED)
        .order_by()
        .values_list("state")
        .annotate(n=Count("pk"))
    )
    for state in UNFINISHED:
        yield (state.value,), found.get(state.value, 0)


def _oldest() -> Iterable[tuple[tuple[str, ...], float]]:
    now = timezone.now()
    oldest = Effect.objects.filter(state__in=DUE, not_before__lte=now).aggregate(
        at=Min("not_before")
    )["at"]
    yield (), (now - oldest).total_seconds() if oldest else 0.0


database_gauge("effects_open", "Effects that are not finished, by state.", ["state"], _by_state)
database_gauge(
    "effects_oldest_due_seconds", "How long the oldest due effect has waited.", [], _oldest
)

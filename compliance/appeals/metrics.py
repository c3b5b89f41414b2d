"""Figures of appeals, from the database."""

from collections.abc import Iterable

from django.db.models import Min
from django.utils import timezone

from compliance.appeals.models import Appeal
from monitoring.metrics.families import database_gauge


def _open() -> Iterable[tuple[tuple[str, ...], float]]:
    yield (), Appeal.objects.open().count()


def _oldest() -> Iterable[tuple[tuple[str, ...], float]]:
    oldest = Appeal.objects.open().aggregate(at=Min("opened_at"))["at"]
    yield (), (timezone.now() - oldest).total_seconds() if oldest else 0.0


database_gauge("appeals_open", "Appeals that wait for a decision.", [], _open)
database_gauge("appeals_oldest_open_seconds", "Age of the oldest open appeal.", [], _oldest)

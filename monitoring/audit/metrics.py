"""How far the chain is behind the trail, from the database."""

from collections.abc import Iterable

from django.utils import timezone

from monitoring.audit.models import Unsealed
from monitoring.metrics.families import database_gauge


def _oldest() -> Iterable[tuple[tuple[str, ...], float]]:
    oldest = Unsealed.objects.order_by("pk").values_list("entry__at", flat=True).first()
    yield (), (timezone.now() - oldest).total_seconds() if oldest else 0.0


database_gauge(
    "audit_unsealed_oldest_seconds",
    "Age of the oldest audit entry that the chain does not cover yet.",
    [],
    _oldest,
)

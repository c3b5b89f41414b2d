"""How far the chain is behind the trail, and heads behind the chain, from the database."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from monitoring.audit.models import Unsealed
from monitoring.audit_chain import behind
from monitoring.metrics.families import database_gauge


def _oldest() -> Iterable[tuple[tuple[str, ...], float]]:
    oldest = Unsealed.objects.order_by("pk").values_list("entry__at", flat=True).first()
    yield (), _seconds(oldest)


def _seconds(since: datetime | None) -> float:
    return (timezone.now() - since).total_seconds() if since else 0.0


database_gauge(
    "audit_unsealed_oldest_seconds",
    "Age of the oldest audit entry that the chain does not cover yet.",
    [],
    _oldest,
)
database_gauge(
    "audit_head_age_seconds",
    "Age of the newest head of the chain that was written outside of the database.",
    [],
    lambda: [((), _seconds(behind.since_written()))],
)
database_gauge(
    "audit_heads_undelivered_seconds",
    "How long heads have waited for the webhook.",
    [],
    lambda: [((), _seconds(behind.since_undelivered()))],
)
database_gauge(
    "audit_heads_undelivered",
    "Heads that wait for the webhook.",
    [],
    lambda: [((), float(behind.lines_undelivered()))],
)

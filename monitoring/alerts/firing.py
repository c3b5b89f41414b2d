"""What fires beside Prometheus' own alerts, for the System Health Score."""

import structlog
from django.db import DatabaseError
from psycopg_pool import PoolTimeout

from monitoring import policy
from monitoring.alerts.models import Alert, Raised

log = structlog.get_logger(__name__)
_AT_MOST = 100  # the score counts no more than a few of them


def labels() -> list[dict[str, str]]:
    """Of what we raise, and of what our record says fires still: an end that Prometheus knows
    comes in some minutes later. Nothing while the database does not answer."""
    try:
        raised = list(Raised.objects.filter(ended_at=None).values_list("labels", flat=True))
        rows = Alert.objects.firing().exclude(name=policy.WATCHDOG).by_urgency()
        return raised + list(rows.values_list("labels", flat=True)[:_AT_MOST])
    except (DatabaseError, PoolTimeout) as error:
        log.warning("firing_not_read", error=type(error).__name__)
        return []

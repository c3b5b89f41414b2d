"""What fires beside Prometheus' own alerts, for the System Health Score."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import DatabaseError
from django.utils import timezone
from psycopg_pool import PoolTimeout

from monitoring import policy
from monitoring.alerts import fingerprints
from monitoring.alerts.models import Alert, Comparison, Raised
from monitoring.prometheus.client import PrometheusUnavailable, firing_alerts
from monitoring.ui.words import cut

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


def summaries(alerts: Sequence[dict[str, str]]) -> list[str]:
    """The summary of each alert, by its labels: of our record, of what we raise, else of
    Prometheus; "" when none of them has one."""
    names = [fingerprints.of(labels) for labels in alerts]
    try:
        rows = Alert.objects.firing().filter(fingerprint__in=names)
        known = dict(rows.values_list("fingerprint", "annotations__summary"))
        raised = Raised.objects.filter(ended_at=None, fingerprint__in=names)
        known |= dict(raised.values_list("fingerprint", "annotations__summary"))
        if not known.keys() >= set(names):
            known = _of_prometheus() | known
    except (DatabaseError, PoolTimeout) as error:
        log.warning("summaries_not_read", error=type(error).__name__)
        known = _of_prometheus()
    return [cut(str(known.get(name) or ""), policy.ALERT_SUMMARY_SHOWN) for name in names]


def _of_prometheus() -> dict[str, str | None]:
    try:
        found = firing_alerts()
    except PrometheusUnavailable:
        return {}
    return {fingerprints.of(one["labels"]): one["annotations"].get("summary") for one in found}


def is_confirmed() -> bool:
    """Whether Alertmanager confirmed our record lately; also before the first comparison."""
    try:
        return unconfirmed_since(timezone.now()) is None
    except (DatabaseError, PoolTimeout):
        return False


def unconfirmed_since(now: datetime) -> datetime | None:
    """When Alertmanager last confirmed our rows, if that is too long ago to call them fresh."""
    at = Comparison.objects.values_list("at", flat=True).first()
    return at if at and now - at > policy.ALERT_UNCONFIRMED_AFTER else None

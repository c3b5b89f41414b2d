"""Hears of alerts: looks for incidents as soon as a delivery is kept.

After the commit, so that nothing here can undo a delivery; the pulse looks again every 10 seconds.
"""

from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from monitoring.alerts.models import Alert, Severity
from monitoring.alerts.signals import acknowledgement_changed, alert_changed

log = structlog.get_logger(__name__)
ESCALATE = "monitoring.incidents.tasks.escalate"


def connect() -> None:
    alert_changed.connect(_alert, dispatch_uid="incidents.alert")
    acknowledgement_changed.connect(_acknowledged, dispatch_uid="incidents.acknowledged")


def _alert(alert: Alert, **_: Any) -> None:
    if alert.severity == Severity.CRITICAL:
        look_after_commit()


def _acknowledged(alert: Alert, acknowledgement: Any, is_open: bool, **_: Any) -> None:
    """Who acknowledges an alert acknowledges its incident; who withdraws it, gives it back."""
    from monitoring.incidents import moving

    link = alert.incident_links.filter(resolved_at__isnull=True).first()
    if link is None:
        return
    if not is_open:
        moving.open_if_unanswered(link.incident_id, by=acknowledgement.withdrawn_by)
    else:
        moving.acknowledge_if_open(
            link.incident_id, by=acknowledgement.by, comment=acknowledgement.comment
        )


def look_after_commit() -> None:
    """Once a transaction, however many alerts it changes."""
    connection = transaction.get_connection()
    waiting = {getattr(entry[1], "__name__", "") for entry in connection.run_on_commit}
    if look.__name__ not in waiting:
        transaction.on_commit(look, robust=True)


def look() -> None:
    """Take up what fires, of a storm the beginning, and have the worker do the rest at once."""
    from monitoring.incidents import opening

    opening.take_up(batches=1)
    ask_for_escalation()


def ask_for_escalation() -> None:
    """Without a broker the pulse does it when the broker is back."""
    try:
        current_app.send_task(ESCALATE, queue="alerts", retry=False)
    except (BrokerError, RedisError, OSError) as error:
        log.warning("escalation_not_queued", error=type(error).__name__)

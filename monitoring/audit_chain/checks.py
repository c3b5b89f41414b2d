"""Heads that are written down late, or not delivered to the second place."""

from datetime import datetime, timedelta
from typing import Any

from django.db import Error as DatabaseError
from django.db import connections
from django.utils import timezone

from monitoring import policy
from monitoring.audit_chain import behind
from monitoring.health.registry import WEB, Check, Degraded, Unhealthy, register
from monitoring.ui.words import duration


def audit_heads() -> dict[str, Any]:
    """Healthy while the newest head is young and nothing waits long for the second place."""
    try:
        written, delivered = behind.since_written(), behind.since_undelivered()
    except DatabaseError as error:
        raise Unhealthy("PostgreSQL does not answer") from error
    finally:
        connections.close_all()
    head, waiting = _age(written), _age(delivered)
    if head > policy.AUDIT_HEAD_OLD:
        raise Degraded(f"no head was written for {duration(head)}")
    if waiting > policy.AUDIT_HEAD_OLD:
        raise Degraded(f"heads wait for the webhook for {duration(waiting)}")
    return {
        "headAgeSeconds": int(head.total_seconds()),
        "undeliveredSeconds": int(waiting.total_seconds()),
    }


def _age(since: datetime | None) -> timedelta:
    return timezone.now() - since if since else timedelta(0)


register(
    Check(
        "auditHeads",
        audit_heads,
        critical=False,
        processes=frozenset({WEB}),
        runbook="docs/runbooks/health-auditHeads.md",
    )
)

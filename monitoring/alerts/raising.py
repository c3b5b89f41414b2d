"""Alerts of the application itself: they go through Alertmanager as Prometheus' do.

While one is true it is sent again and again; when that stops, Alertmanager ends it. A critical
one that Alertmanager does not take is taken in directly, marked so, and stays direct to its end:
so nobody is told twice when Alertmanager is back.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from monitoring import policy
from monitoring.alerts import alertmanager, fingerprints, intake, outage
from monitoring.alerts.alertmanager import AlertmanagerUnavailable
from monitoring.alerts.models import Alert, Raised, Severity, Source
from monitoring.alerts.payload import Incoming, Payload, from_labels

log = structlog.get_logger(__name__)
SEND_TASK = "monitoring.alerts.tasks.send_raised"


_kinds: set["Kind"] = set()


def kinds() -> frozenset["Kind"]:
    """All that this process knows of: each is one when it is made."""
    return frozenset(_kinds)


@dataclass(frozen=True)
class Kind:
    """An alert that the application can raise; docs/runbooks/ has a page of its name.

    One `past_alertmanager` is taken in directly at once: no silence there holds it back.
    """

    name: str
    severity: str
    service: str
    past_alertmanager: bool = False

    def __post_init__(self) -> None:
        _kinds.add(self)

    def labels(self, more: dict[str, str] | None) -> dict[str, str]:
        own = {"alertname": self.name, "severity": self.severity, "service": self.service}
        return {**own, **{name: value for name, value in (more or {}).items() if value}}


@transaction.atomic
def raise_alert(
    kind: Kind,
    *,
    summary: str,
    description: str = "",
    labels: dict[str, str] | None = None,
    annotations: dict[str, str] | None = None,
    until: datetime | None = None,
) -> Raised:
    """Say that something is wrong, in the caller's transaction, until `until` or lower().

    The same kind and labels again prolong the alert that is there. No secrets, no members.
    """
    all_labels = kind.labels(labels)
    fingerprint = fingerprints.of(all_labels)
    notes = {
        "summary": summary,
        "description": description or summary,
        "runbook_url": f"docs/runbooks/{kind.name}.md",
        **(annotations or {}),
    }
    now = timezone.now()
    found, made = Raised.objects.select_for_update().get_or_create(
        fingerprint=fingerprint,
        ended_at=None,
        defaults={
            "labels": all_labels,
            "annotations": notes,
            # Alertmanager's clock must not be behind the start.
            "starts_at": now.replace(microsecond=now.microsecond // 1000 * 1000),
            "until": until,
            "past_alertmanager": kind.past_alertmanager,
        },
    )
    if not made:
        found.until, found.annotations = until, notes
        found.save(update_fields=["until", "annotations"])
    transaction.on_commit(_kick)
    return found


@transaction.atomic
def lower(kind: Kind, *, labels: dict[str, str] | None = None) -> bool:
    """It is not true any more; False when it was not raised."""
    fingerprint = fingerprints.of(kind.labels(labels))
    ended = Raised.objects.filter(fingerprint=fingerprint, ended_at=None).update(
        ended_at=timezone.now()
    )
    if ended:
        transaction.on_commit(_kick)
    return bool(ended)


def send_all() -> None:
    """Send what is raised or has just ended; may run twice, and at the same time."""
    now = timezone.now()
    Raised.objects.filter(ended_at=None, until__lte=now).update(ended_at=now)
    open_rows = list(Raised.objects.filter(end_sent_at=None).order_by("starts_at"))
    usual = [row for row in open_rows if row.direct_at is None and not row.past_alertmanager]
    for row in open_rows:
        is_due = row.direct_at is None and row.past_alertmanager
        if is_due or (row.direct_at is not None and row.ended_at is not None):
            _take_in_directly(row)
    if not usual:
        return
    try:
        alertmanager.send([_posted(row, now) for row in usual])
    except AlertmanagerUnavailable as why:
        outage.began()
        log.warning("alerts_not_sent", count=len(usual), why=str(why))
        for row in usual:
            if row.labels["severity"] == Severity.CRITICAL and _must_go_direct(row, now):
                _take_in_directly(row)
        return
    outage.ended()
    ids = [row.pk for row in usual]
    Raised.objects.filter(pk__in=ids).update(sent_at=now)
    ended = [row.pk for row in usual if row.ended_at is not None]
    Raised.objects.filter(pk__in=ended).update(end_sent_at=now)


def _must_go_direct(row: Raised, now: datetime) -> bool:
    """Alertmanager never had it, or had time to pass it on and did not."""
    if row.sent_at is None:
        return True
    known = Alert.objects.filter(fingerprint=row.fingerprint, starts_at=row.starts_at)
    return now - row.sent_at > policy.ALERT_DIRECT_AFTER and not known.exists()


@transaction.atomic
def _take_in_directly(row: Raised) -> None:
    """Once for its start and once for its end, whoever else tries."""
    held = Raised.objects.select_for_update().get(pk=row.pk)
    if held.end_sent_at is not None or (held.direct_at and held.ended_at is None):
        return
    now = timezone.now()
    held.direct_at = held.direct_at or now
    held.end_sent_at = now if held.ended_at is not None else None
    held.save(update_fields=["direct_at", "end_sent_at"])
    intake.take_in(Payload("direct", (_incoming(held),), 0), source=Source.DIRECT)


def _incoming(row: Raised) -> Incoming:
    return from_labels(
        row.labels,
        row.annotations,
        fingerprint=row.fingerprint,
        starts_at=row.starts_at,
        ends_at=row.ended_at,
        generator_url=settings.PUBLIC_URL,
    )


def _posted(row: Raised, now: datetime) -> dict[str, Any]:
    ends_at = row.ended_at or now + policy.ALERT_RAISED_LIFE
    return {
        "labels": row.labels,
        "annotations": row.annotations,
        "startsAt": alertmanager.rfc3339(row.starts_at),
        "endsAt": alertmanager.rfc3339(ends_at),
        "generatorURL": settings.PUBLIC_URL,
    }


def _kick() -> None:
    try:
        current_app.send_task(SEND_TASK, queue="alerts", retry=False)
    except (BrokerError, RedisError, OSError) as error:
        log.warning("raised_not_queued", error=type(error).__name__)

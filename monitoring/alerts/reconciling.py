"""Compares our rows with Alertmanager, because its webhooks can be missed or held back.

It sends nothing about silenced alerts, forgets everything when its data is lost, and can fire
an alert again under the same start. While it is away, Prometheus is asked for what is critical.
"""

from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from monitoring import policy
from monitoring.alerts import (
    alertmanager,
    attended,
    elsewhere,
    fingerprints,
    intake,
    outage,
    raising,
    telling,
)
from monitoring.alerts.alertmanager import AlertmanagerUnavailable, Known
from monitoring.alerts.models import Alert, AlertEvent, Comparison, Raised, Severity, Source, Status
from monitoring.alerts.payload import Payload, from_labels
from monitoring.prometheus.client import PrometheusUnavailable, alert_rules, firing_alerts

log = structlog.get_logger(__name__)
# Of this worker: a stack that was down is not told that nobody heard it meanwhile.
STARTED = timezone.now()
# Past Alertmanager: a silence of everything there would hold it back.
SILENT_WATCHDOG = raising.Kind("MonitoringSilent", "critical", "monitoring", past_alertmanager=True)


def reconcile() -> None:
    """One comparison; safe to run twice."""
    try:
        known = alertmanager.alerts()
    except AlertmanagerUnavailable:
        outage.began()
        if outage.lasted(timezone.now()) >= policy.ALERT_DIRECT_AFTER:
            _ask_prometheus()
    else:
        outage.ended()
        _compare(known)
        attended.note_silenced(one.fingerprint for one in known if one.is_silenced)
        _look_at_silences(known)
        _ask_the_rules()
    _watch_the_watchdog()


def _look_at_silences(known: list[Known]) -> None:
    try:
        elsewhere.look(known)
    except AlertmanagerUnavailable as why:
        log.warning("silences_not_asked", why=str(why))


def _ask_the_rules() -> None:
    """What Alertmanager does not know any more ends sooner when its rule does not fire either."""
    now = timezone.now()
    gone = Alert.objects.firing().filter(missing_since__lt=now - policy.ALERT_DENIED_AFTER)
    if not gone.exists():
        return
    try:
        rules = alert_rules()
    except PrometheusUnavailable as why:
        log.warning("prometheus_not_asked", why=str(why))
        return
    active = {fingerprints.of(labels) for found in rules.values() for labels in found}
    over = gone.filter(name__in=rules).exclude(fingerprint__in=active)
    with transaction.atomic():
        _end(list(over.select_for_update(no_key=True).values_list("pk", flat=True)), now)


@transaction.atomic
def _compare(known: list[Known]) -> None:
    now = timezone.now()
    by_key = {(one.fingerprint, one.starts_at): one for one in known}
    ours = Raised.objects.filter(direct_at__isnull=False, end_sent_at=None)
    firing = Alert.objects.firing().exclude(fingerprint__in=ours.values("fingerprint"))
    rows = list(
        firing.select_for_update(no_key=True).only(
            "fingerprint", "starts_at", "is_silenced", "missing_since"
        )
    )
    there = [row for row in rows if (row.fingerprint, row.starts_at) in by_key]
    gone = [row for row in rows if (row.fingerprint, row.starts_at) not in by_key]
    _note_silences(there, by_key)
    ids = [row.pk for row in there if row.missing_since is not None]
    Alert.objects.filter(pk__in=ids).update(missing_since=None)
    fresh = [row.pk for row in gone if row.missing_since is None]
    Alert.objects.filter(pk__in=fresh).update(missing_since=now)
    limit = now - policy.ALERT_VANISHED_AFTER
    _end([row.pk for row in gone if row.missing_since and row.missing_since < limit], now)
    _reopen(by_key, now)
    Comparison.objects.update_or_create(id=1, defaults={"at": now})


def _note_silences(rows: list[Alert], by_key: dict[Any, Known]) -> None:
    changed = [
        row for row in rows if row.is_silenced != by_key[row.fingerprint, row.starts_at].is_silenced
    ]
    events = []
    for row in changed:
        row.is_silenced = not row.is_silenced
        kind = AlertEvent.Kind.SILENCED if row.is_silenced else AlertEvent.Kind.UNSILENCED
        events.append(AlertEvent(alert=row, kind=kind))
    Alert.objects.bulk_update(changed, ["is_silenced"], batch_size=500)
    intake.note(events)
    telling.changed([row.pk for row in changed])


def _end(ids: list[int], now: datetime) -> None:
    """Its end never came in: it is over since Alertmanager did not have it any more."""
    for alert in Alert.objects.filter(pk__in=ids):
        alert.status, alert.is_silenced = Status.RESOLVED, False
        alert.ends_at = max(alert.missing_since or now, alert.starts_at)
        alert.save(update_fields=["status", "ends_at", "is_silenced"])
        _say(alert, Status.FIRING, AlertEvent.Kind.VANISHED, now)


def _reopen(by_key: dict[Any, Known], now: datetime) -> None:
    """It has the same start and fires after all: Prometheus had only been away for a while."""
    limit = now - policy.ALERT_REOPEN_AFTER
    fingerprints_ = {fingerprint for fingerprint, _ in by_key}
    over = Alert.objects.filter(
        status=Status.RESOLVED, fingerprint__in=fingerprints_, last_received_at__lt=limit
    )
    for alert in over.select_for_update(no_key=True):
        if (alert.fingerprint, alert.starts_at) in by_key:
            alert.status, alert.ends_at, alert.reopened_at = Status.FIRING, None, now
            alert.save(update_fields=["status", "ends_at", "reopened_at"])
            _say(alert, Status.RESOLVED, AlertEvent.Kind.REOPENED, now)


def _say(alert: Alert, old: str, kind: str, now: datetime) -> None:
    intake.note([AlertEvent(alert=alert, at=now, kind=kind)])
    if alert.status == Status.RESOLVED:
        intake.end_acknowledgements([alert.pk], now)
    telling.want([(alert, old)])
    intake.tell(alert, old)


def _ask_prometheus() -> None:
    """Take in directly what is critical and what Alertmanager can't tell us."""
    try:
        found = firing_alerts()
    except PrometheusUnavailable as why:
        log.warning("prometheus_not_asked", why=str(why))
        return
    critical = [
        from_labels(
            one["labels"],
            one["annotations"],
            fingerprint=fingerprints.of(one["labels"]),
            starts_at=datetime.fromisoformat(one["activeAt"]),
            ends_at=None,
        )
        for one in found
        if one["labels"].get("severity") == Severity.CRITICAL
    ]
    names = [one.fingerprint for one in critical]
    known = set(
        Alert.objects.firing().filter(fingerprint__in=names).values_list("fingerprint", flat=True)
    )
    fresh = tuple(one for one in critical if one.fingerprint not in known)
    if fresh:
        intake.take_in(Payload("direct", fresh, 0), source=Source.DIRECT)
    _end_direct(set(names))


@transaction.atomic
def _end_direct(still: set[str]) -> None:
    """What was taken in from Prometheus and does not fire there any more."""
    now = timezone.now()
    ours = Raised.objects.values("fingerprint")
    direct = Alert.objects.firing().filter(source=Source.DIRECT).exclude(fingerprint__in=ours)
    for alert in direct.exclude(fingerprint__in=still).select_for_update(no_key=True):
        alert.status, alert.ends_at = Status.RESOLVED, max(now, alert.starts_at)
        alert.save(update_fields=["status", "ends_at"])
        _say(alert, Status.FIRING, AlertEvent.Kind.RESOLVED, now)


def _watch_the_watchdog() -> None:
    """The dead man's switch must keep coming; when it once did and stops, that is an alert."""
    newest = Alert.objects.filter(name=policy.WATCHDOG).order_by("-id").first()
    if newest is None:
        return
    heard = max(newest.last_received_at, STARTED)
    if timezone.now() - heard > policy.WATCHDOG_SILENT_AFTER:
        minutes = policy.WATCHDOG_SILENT_AFTER.seconds // 60
        raising.raise_alert(
            SILENT_WATCHDOG,
            summary="Monitoring is silent",
            description="Prometheus' Watchdog has not come through Alertmanager for more than "
            f"{minutes} minutes. Alerts may be missing.",
        )
    else:
        raising.lower(SILENT_WATCHDOG)

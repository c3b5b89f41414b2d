"""Takes alerts in: repeats, late and out-of-order deliveries leave what one delivery leaves.

What a row says depends only on which deliveries came, not on their order: resolved wins over
firing, the latest end over earlier ones. One statement takes a whole storm.
"""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from django.db import connection, transaction
from django.utils import timezone

from monitoring.alerts import metrics, plans, telling
from monitoring.alerts.models import Acknowledgement, Alert, AlertEvent, Source, Status
from monitoring.alerts.payload import Incoming, Payload
from monitoring.alerts.signals import alert_changed

log = structlog.get_logger(__name__)

# In SQL for a race: two deliveries of one alert at the same moment leave what one after the other
# leaves. A resolved alert stays so.
# A reopened one is not closed by the end from which it came back.
_UPSERT = """
INSERT INTO alerts_alert AS a (
    fingerprint, starts_at, ends_at, name, severity, service, status, source, labels,
    annotations, group_key, generator_url, runbook, first_received_at, last_received_at
)
SELECT
    x.fingerprint, x.starts_at, x.ends_at, x.name, x.severity, x.service, x.status, %(source)s,
    x.labels, x.annotations, %(group_key)s, x.generator_url, x.runbook, %(now)s, %(now)s
FROM jsonb_to_recordset(%(alerts)s::jsonb) AS x (
    fingerprint text, starts_at timestamptz, ends_at timestamptz, name text, severity text,
    service text, status text, labels jsonb, annotations jsonb, generator_url text, runbook text
)
ORDER BY x.fingerprint, x.starts_at
ON CONFLICT (fingerprint, starts_at) DO UPDATE SET
    ends_at = CASE
        WHEN excluded.ends_at > a.reopened_at OR a.reopened_at IS NULL
        THEN greatest(a.ends_at, excluded.ends_at) ELSE a.ends_at END,
    status = CASE
        WHEN a.status = 'resolved' THEN 'resolved'
        WHEN excluded.ends_at > a.reopened_at OR a.reopened_at IS NULL THEN excluded.status
        ELSE a.status END,
    annotations = CASE WHEN a.status = 'resolved' AND excluded.status = 'firing'
        THEN a.annotations ELSE excluded.annotations END,
    generator_url = coalesce(nullif(excluded.generator_url, ''), a.generator_url),
    runbook = coalesce(nullif(excluded.runbook, ''), a.runbook),
    group_key = coalesce(nullif(excluded.group_key, ''), a.group_key),
    last_received_at = greatest(a.last_received_at, excluded.last_received_at),
    received_count = a.received_count + 1,
    missing_since = NULL
RETURNING a.*, old.status AS old_status
"""


def take_in(payload: Payload, *, source: str = Source.ALERTMANAGER) -> int:
    """Keep every alert of a payload, in one transaction; returns how many changed."""
    changed = _keep(payload, source)
    counted = Counter(one.status for one in payload.alerts)
    for status, count in counted.items():
        metrics.alerts_received_total.inc(count, status=status, source=source)
    if payload.truncated:
        metrics.alerts_received_total.inc(payload.truncated, status="truncated", source=source)
        log.warning("alerts_truncated", group=payload.group_key[:200], left_out=payload.truncated)
    log.info("alerts_received", count=len(payload.alerts), changed=changed, source=source)
    return changed


@transaction.atomic
def _keep(payload: Payload, source: str) -> int:
    now = timezone.now()
    if len(payload.alerts) > plans.MANY_ROWS:
        plans.make_anew()
    if source == Source.ALERTMANAGER:
        _adopt(payload.alerts, now)
    rows = Alert.objects.raw(
        _UPSERT,
        {
            "alerts": json.dumps([_row(one) for one in payload.alerts]),
            "group_key": payload.group_key,
            "source": source,
            "now": now,
        },
    )
    found: list[tuple[Alert, str | None]] = [(row, getattr(row, "old_status")) for row in rows]  # noqa: B009
    changed = [(alert, old) for alert, old in found if old != alert.status]
    _note_changes(changed, now)
    telling.want(changed)
    for alert, old in changed:
        tell(alert, old)
    return len(changed)


# In SQL for tests/bench/test_alerts.py: of a storm of 10,000, model instances would take half a
# second of processor time. A test holds it to what the model would write.
_EVENTS = """
INSERT INTO alerts_alertevent (alert_id, at, kind, text)
SELECT alert_id, %s, kind, words
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS x (alert_id, kind, words)
"""


def _note_changes(changed: Sequence[tuple[Alert, str | None]], now: datetime) -> None:
    ids = [alert.pk for alert, _ in changed]
    kinds = [str(_kind(alert)) for alert, _ in changed]
    words = [_words(alert, old) for alert, old in changed]
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, [now, ids, kinds, words])
    over = [alert.pk for alert, old in changed if old is not None and alert.ends_at is not None]
    if over:
        end_acknowledgements(over, now)


def end_acknowledgements(alert_ids: Sequence[int], now: datetime) -> None:
    """Who looked after a resolved alert is done; the next start needs somebody again."""
    Acknowledgement.objects.open().filter(alert__in=alert_ids).update(ended_at=now)


def note(events: Sequence[AlertEvent]) -> None:
    """Add to the history, in the caller's transaction."""
    AlertEvent.objects.bulk_create(events, batch_size=2000)


def tell(alert: Alert, old_status: str | None) -> None:
    """Tell the other rooms that an alert changed, in the caller's transaction."""
    alert_changed.send(Alert, alert=alert, old_status=old_status, new_status=alert.status)


def _adopt(alerts: Sequence[Incoming], now: datetime) -> None:
    """What was taken in past Alertmanager is the same alert when it comes from there later.

    Prometheus tells us and Alertmanager different starts of one alert; the row takes over
    Alertmanager's.
    """
    by_fingerprint = {one.fingerprint: one for one in alerts}
    direct = Alert.objects.firing().filter(source=Source.DIRECT, fingerprint__in=by_fingerprint)
    for row in direct.select_for_update():
        one = by_fingerprint[row.fingerprint]
        if one.ends_at is not None and one.ends_at < row.starts_at:
            continue  # it is about an earlier time
        others = Alert.objects.filter(fingerprint=row.fingerprint, starts_at=one.starts_at)
        if others.exclude(pk=row.pk).exists():
            continue
        row.starts_at, row.source = one.starts_at, Source.ALERTMANAGER
        row.save(update_fields=["starts_at", "source"])
        note([AlertEvent(alert=row, at=now, kind=AlertEvent.Kind.ADOPTED)])


def _row(one: Incoming) -> dict[str, Any]:
    return {
        "fingerprint": one.fingerprint,
        "starts_at": one.starts_at.isoformat(),
        "ends_at": one.ends_at and one.ends_at.isoformat(),
        "name": one.name,
        "severity": one.severity,
        "service": one.service,
        "status": one.status,
        "labels": one.labels,
        "annotations": one.annotations,
        "generator_url": one.generator_url,
        "runbook": one.runbook,
    }


def _kind(alert: Alert) -> str:
    resolved = alert.status == Status.RESOLVED
    return AlertEvent.Kind.RESOLVED if resolved else AlertEvent.Kind.FIRED


def _words(alert: Alert, old: str | None) -> str:
    words = []
    if old is None and alert.status == Status.RESOLVED:
        words.append("Only its end came in.")
    if alert.source == Source.DIRECT:
        words.append("Direct: Alertmanager did not answer.")
    return " ".join(words)

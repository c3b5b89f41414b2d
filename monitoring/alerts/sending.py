"""Who must be told what: rows that say it, written with the change itself.

delivering.py takes them from here. An alert is told once to each target; what changes later
changes that message. Beyond what a target takes, alerts share one bundle.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

import structlog
from celery import current_app
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from monitoring import policy
from monitoring.alerts import limits, routing
from monitoring.alerts.models import (
    Alert,
    Channel,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Source,
    Status,
)

log = structlog.get_logger(__name__)
DELIVER_TASK = "monitoring.alerts.tasks.deliver"
# Their messages follow an alert; other channels hear of its start and its end only.
FOLLOW = (Channel.DISCORD, Channel.PAGERDUTY)
_UNTOLD_END = (Channel.SMS,)


def want(changes: Sequence[tuple[Alert, str | None]]) -> None:
    """Tell of alerts that changed, in the transaction that changed them. Many at once are cheap."""
    # A new alert that is over already woke nobody, and nobody is woken for its end.
    new = [alert for alert, old in changes if old is None and alert.status == Status.FIRING]
    wanted = sorted(
        (channel, target, alert.rank, alert.pk, alert)
        for alert in new
        for channel, target in routing.targets_of(alert)
    )
    for (channel, target), group in groupby(wanted, key=lambda one: (one[0], one[1])):
        _tell(channel, target, [alert for *_, alert in group])
    _rise([alert.pk for alert, old in changes if old is not None], without=_UNTOLD_END)
    if changes:
        transaction.on_commit(kick)


def changed(alert_ids: Iterable[int]) -> None:
    """Something else about them is to be shown: an acknowledgement, a silence."""
    others = [channel for channel in Channel.values if channel not in FOLLOW]
    _rise(list(alert_ids), without=others)
    transaction.on_commit(kick)


def test(channel: str, target: str, *, by: Any) -> Delivery:
    """A message that says that the channel works."""
    made = Delivery.objects.create(
        channel=channel, target=target, kind=DeliveryKind.TEST, requested_by=by
    )
    transaction.on_commit(kick)
    return made


def kick() -> None:
    """Wake a worker; without a broker the next pulse finds the rows."""
    try:
        current_app.send_task(DELIVER_TASK, queue="alerts", retry=False)
    except (BrokerError, RedisError, OSError) as error:
        log.warning("deliveries_not_queued", error=type(error).__name__)


def _tell(channel: str, target: str, alerts: list[Alert]) -> None:
    """The most urgent get messages of their own, the rest one bundle."""
    now = timezone.now()
    room = limits.room(channel, target, now)
    common: dict[str, Any] = {"channel": channel, "target": target, "created_at": now}
    rows = [
        Delivery(alert=a, is_direct=_is_direct(a), not_before=now, **common) for a in alerts[:room]
    ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    if rest := alerts[room:]:
        bundle = _open_bundle(channel, target)
        values: dict[str, Any] = {"channel": channel, "target": target, "now": now}
        values |= {"bundle": bundle.pk, "alerts": [a.pk for a in rest]}
        with connection.cursor() as cursor:
            cursor.execute(_BUNDLE, values)


# Thousands at once: model instances would take longer than PostgreSQL does.
_BUNDLE = """
INSERT INTO alerts_delivery (
    alert_id, channel, target, kind, state, is_direct, wanted, shown, bundle_id,
    created_at, not_before, attempts, error
)
SELECT alert_id, %(channel)s, %(target)s, 'alert', 'bundled', false, 1, 0, %(bundle)s,
    %(now)s, %(now)s, 0, ''
FROM unnest(%(alerts)s::bigint[]) AS alert_id
ON CONFLICT DO NOTHING
"""


def _is_direct(alert: Alert) -> bool:
    return alert.source == Source.DIRECT


def _open_bundle(channel: str, target: str) -> Delivery:
    """The target's bundle that has not gone yet, or a new one; it waits a little for more."""
    now = timezone.now()
    later = max(now + policy.ALERT_BUNDLE_EVERY, limits.free_at(channel, target, now))
    waiting = Delivery.objects.filter(
        channel=channel, target=target, kind=DeliveryKind.BUNDLE, state=DeliveryState.WAITING
    )
    found = waiting.select_for_update(skip_locked=True).order_by("-id").first()
    if found is not None:
        return found
    return Delivery.objects.create(
        channel=channel, target=target, kind=DeliveryKind.BUNDLE, not_before=later
    )


def _rise(alert_ids: list[int], *, without: Sequence[str]) -> None:
    """Messages that are out must be changed; those that still wait say it by themselves."""
    mine = Delivery.objects.filter(alert__in=alert_ids).exclude(channel__in=without)
    _want_more(mine.filter(kind=DeliveryKind.ALERT), timezone.now())
    bundles = mine.filter(state=DeliveryState.BUNDLED, channel__in=FOLLOW).values("bundle")
    _want_more(
        Delivery.objects.filter(pk__in=bundles.distinct()),
        timezone.now() + policy.ALERT_BUNDLE_EVERY,
    )


def _want_more(rows: Any, not_before: Any) -> None:
    rows.filter(state=DeliveryState.SENT).update(
        state=DeliveryState.WAITING, wanted=F("wanted") + 1, not_before=not_before
    )
    rows.filter(state__in=(DeliveryState.WAITING, DeliveryState.SENDING)).update(
        wanted=F("wanted") + 1
    )

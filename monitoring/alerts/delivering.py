"""Gets messages through: takes what is due, tries, and records what came back.

At least once by leases, and effectively once by the row: a second worker finds the row taken,
a second run finds it sent. Only a worker that dies between a channel's answer and our commit
can send a message twice.
"""

import time
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from monitoring import policy
from monitoring.alerts import messages, metrics
from monitoring.alerts.channels import TRANSPORTS
from monitoring.alerts.channels.base import Sent, Undelivered
from monitoring.alerts.models import (
    AlertEvent,
    Delivery,
    DeliveryAttempt,
    DeliveryKind,
    DeliveryState,
)

log = structlog.get_logger(__name__)
Outcome = DeliveryAttempt.Outcome
ROUND_SECONDS = 20.0


def deliver_due(*, within_seconds: float = ROUND_SECONDS) -> int:
    """Deliver what is due, one after the other, for so long at most; returns how many tries."""
    release_expired_leases()
    deadline = time.monotonic() + within_seconds
    tries = 0
    while time.monotonic() < deadline and (delivery := _lease()) is not None:
        _attempt(delivery)
        tries += 1
    return tries


def is_more_due() -> bool:
    now = timezone.now()
    return Delivery.objects.filter(state=DeliveryState.WAITING, not_before__lte=now).exists()


def release_expired_leases() -> int:
    """What a dead worker held is due again."""
    return Delivery.objects.filter(
        state=DeliveryState.SENDING, leased_until__lt=timezone.now()
    ).update(state=DeliveryState.WAITING, leased_until=None)


@transaction.atomic
def _lease() -> Delivery | None:
    now = timezone.now()
    due = Delivery.objects.filter(state=DeliveryState.WAITING, not_before__lte=now)
    row = due.select_for_update(skip_locked=True).order_by("not_before", "id").first()
    if row is None:
        return None
    row.state, row.leased_until = DeliveryState.SENDING, now + policy.ALERT_DELIVERY_LEASE
    row.attempts += 1
    row.save(update_fields=["state", "leased_until", "attempts"])
    return row


def _attempt(delivery: Delivery) -> None:
    revision = delivery.wanted
    try:
        message = messages.of(delivery)
        sent = TRANSPORTS[delivery.channel].send(delivery.target, message, delivery.message_id)
    except Undelivered as why:
        _record_failure(delivery, why)
    except Exception as error:
        log.exception("delivery_failed", delivery=delivery.pk)
        _record_failure(delivery, Undelivered(f"Our own error: {type(error).__name__}"))
    else:
        _record_success(delivery, revision, sent)


@transaction.atomic
def _record_success(delivery: Delivery, revision: int, sent: Sent) -> None:
    now = timezone.now()
    row = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
    is_first = row.sent_at is None
    row.shown, row.attempts, row.leased_until, row.error = revision, 0, None, ""
    row.message_id = sent.message_id or row.message_id
    row.sent_at = row.sent_at or now
    row.state = DeliveryState.SENT if row.wanted == revision else DeliveryState.WAITING
    row.not_before = now
    row.save()
    outcome = Outcome.SENT if is_first else Outcome.EDITED
    DeliveryAttempt.objects.create(delivery=row, outcome=outcome, code=sent.code)
    if sent.pause_seconds:
        _hold(row, now + timedelta(seconds=sent.pause_seconds))
    metrics.alert_deliveries_total.inc(channel=row.channel, outcome=outcome)
    if is_first:
        waited = max((now - row.created_at).total_seconds(), 0.0)
        metrics.alert_delivery_delay_seconds.observe(waited, channel=row.channel)
        _note(row, AlertEvent.Kind.TOLD)


@transaction.atomic
def _record_failure(delivery: Delivery, why: Undelivered) -> None:
    now = timezone.now()
    row = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
    gives_up = why.permanent or now - row.created_at > _give_up(row)
    row.leased_until, row.error = None, str(why)[:500]
    if why.retry_after_seconds is not None:
        row.not_before = now + timedelta(seconds=why.retry_after_seconds)
        _hold(row, row.not_before)
    else:
        row.not_before = now + _backoff(row.attempts)
    # One that was refused can be wanted again: by a change of the alert.
    row.state = DeliveryState.FAILED if gives_up else DeliveryState.WAITING
    row.save()
    outcome = Outcome.FAILED if gives_up else Outcome.RETRY
    DeliveryAttempt.objects.create(delivery=row, outcome=outcome, code=why.code, text=row.error)
    metrics.alert_deliveries_total.inc(channel=row.channel, outcome=outcome)
    log.warning("alert_not_delivered", delivery=row.pk, channel=row.channel, why=row.error)
    if gives_up:
        _note(row, AlertEvent.Kind.NOT_TOLD)


def _hold(row: Delivery, until: datetime) -> None:
    """A rate limit holds for every message to the same target."""
    Delivery.objects.filter(
        Q(channel=row.channel, target=row.target, state=DeliveryState.WAITING),
        not_before__lt=until,
    ).update(not_before=Greatest(F("not_before"), until))


def _give_up(row: Delivery) -> timedelta:
    is_test = row.kind == DeliveryKind.TEST
    return policy.ALERT_TEST_GIVE_UP if is_test else policy.ALERT_DELIVERY_GIVE_UP


def _backoff(attempts: int) -> timedelta:
    doubled = policy.ALERT_DELIVERY_BACKOFF * float(2 ** min(attempts - 1, 10))
    return min(doubled, policy.ALERT_DELIVERY_BACKOFF_AT_MOST)


def _note(row: Delivery, kind: str) -> None:
    if row.alert_id is not None:
        words = f"{row.get_channel_display()}, {row.target}"
        words += ", direct" if row.is_direct else ""
        words += f": {row.error}" if row.error else ""
        AlertEvent.objects.create(alert_id=row.alert_id, kind=kind, text=words)

"""Gets messages through: takes what is due, tries, and records what came back.

At least once by leases, and effectively once by the row: a second worker finds the row taken,
a second run finds it sent. A worker that dies between a channel's answer and our commit, and an
answer that is lost, can send a message twice where the channel knows no ids of ours.
"""

import time
from collections.abc import Callable
from datetime import timedelta

import structlog
from django.core.exceptions import ObjectDoesNotExist
from django.db import OperationalError, transaction
from django.db.models import F
from django.utils import timezone

from monitoring import policy
from monitoring.delivery import holds, leases, limits, sources, transports
from monitoring.delivery.content import Before, Content, Sent, To, Undelivered
from monitoring.delivery.models import Attempt, Kind, Message, State
from monitoring.delivery.pauses import pause
from monitoring.delivery.sources import Source

log = structlog.get_logger(__name__)
Outcome = Attempt.Outcome
ROUND_SECONDS = 20.0
RECORD_TRIES = 3


def send_due(*, within_seconds: float = ROUND_SECONDS) -> int:
    """Send what is due, one after the other, for so long at most; returns how many tries."""
    release_expired_leases()
    deadline = time.monotonic() + within_seconds
    tries = 0
    while time.monotonic() < deadline and (message := _take()) is not None:
        tries += _attempt(message)
    return tries


def is_more_due() -> bool:
    now = timezone.now()
    return Message.objects.filter(state=State.WAITING, not_before__lte=now).exists()


def release_expired_leases() -> int:
    """What a dead worker held is due again."""
    lost = leases.expired(Message.objects.all(), state=State.SENDING, now=timezone.now())
    return lost.update(state=State.WAITING, leased_until=None, failures=F("failures") + 1)


@transaction.atomic
def _take() -> Message | None:
    now = timezone.now()
    due = Message.objects.filter(state=State.WAITING, not_before__lte=now)
    due = due.order_by("urgency", "not_before", "id")
    until = now + policy.DELIVERY_LEASE
    return next(iter(leases.take(due, 1, state=State.SENDING, until=until)), None)


def _attempt(message: Message) -> bool:
    """One try; False when nobody needs it any more."""
    revision = message.wanted
    source = sources.get(message.source)
    if _has_had_enough(message):
        return False
    try:
        content = _content(source, message)
        if content is None:
            leases.held(message, state=State.SENDING).update(state=State.DROPPED, leased_until=None)
            return False
        sent = _send(message, content)
    except Undelivered as why:
        _record_failure(source, message, why)
    except Exception as error:  # one message must not stop the others
        log.exception("message_failed", message=message.pk)
        ours = Undelivered(f"Our own error: {type(error).__name__}")
        _record_failure(source, message, ours)
    else:
        _record(lambda: _record_success(source, message, revision, sent))
    return True


@transaction.atomic
def _has_had_enough(message: Message) -> bool:
    """Whether the person got as many as they may meanwhile: then it waits until they may again."""
    if message.kind == Kind.TEST or not limits.hold(
        message.channel, To(message.target, message.person)
    ):
        return False
    now = timezone.now()
    if limits.room(message.channel, message.target, now, gone=message.pk):
        return False
    at = limits.free_at(message.channel, message.target, now, gone=message.pk)
    waits = {"state": State.WAITING, "leased_until": None, "not_before": at, "due_at": at}
    return bool(leases.held(message, state=State.SENDING).update(**waits))


def _record(act: Callable[[], None]) -> None:
    """What has happened outside must be written down, also where two transactions collide."""
    for left in reversed(range(RECORD_TRIES)):
        try:
            act()
        except OperationalError:
            if not left:
                raise
            log.warning("message_recorded_again")
        else:
            return


def _content(source: Source, message: Message) -> Content | None:
    """What it says now; None when nobody needs it any more, or what it was about is gone."""
    try:
        return _said(source, message)
    except ObjectDoesNotExist:
        return None


def _said(source: Source, message: Message) -> Content | None:
    if message.kind != Kind.BUNDLE:
        mine = Message.objects.filter(pk=message.pk)
        return None if source.unneeded(mine).exists() else source.content(message)
    parts = message.parts.filter(state=State.BUNDLED)
    # By their numbers: joined with itself, the table is gone through for each of them where
    # PostgreSQL takes it for an empty one.
    unneeded = list(source.unneeded(parts).values_list("pk", flat=True))
    Message.objects.filter(pk__in=unneeded).update(state=State.DROPPED)
    several = list(parts.order_by("id")[:2])
    if len(several) < 2:
        return source.content(several[0]) if several else None
    return source.bundle(message, parts)


def _send(message: Message, content: Content) -> Sent:
    transport = transports.get(message.channel)
    if transport is None:
        raise Undelivered("There is no such channel any more.", permanent=True)
    if message.person is not None and not transport.reaches(message.person):
        raise Undelivered("There is no such way to them any more.", permanent=True)
    once = f"{message.pk}-{message.wanted}"
    before = Before(message.receipt, once=once, reached=message.reached)
    return transport.send(To(message.target, message.person), content, before)


@transaction.atomic
def _record_success(source: Source, message: Message, revision: int, sent: Sent) -> None:
    now = timezone.now()
    row = leases.held(message, state=State.SENDING).select_for_update(of=("self",)).first()
    if row is None:
        return  # another worker has it since
    is_first = row.sent_at is None
    row.shown, row.failures, row.leased_until, row.error = revision, 0, None, ""
    row.receipt = sent.receipt or row.receipt
    row.reached = sent.reached
    row.sent_at = row.sent_at or now
    row.state = State.SENT if row.wanted == revision else State.WAITING
    row.not_before = row.due_at = holds.until(row.channel, row.place, now)
    row.save()
    outcome = Outcome.SENT if is_first else Outcome.EDITED
    Attempt.objects.create(message=row, outcome=outcome, code=sent.code)
    if sent.pause_seconds:
        holds.hold(row.channel, row.place, now + timedelta(seconds=sent.pause_seconds))
    source.tried(row, outcome)
    if is_first:
        source.went(row)


@transaction.atomic
def _record_failure(source: Source, message: Message, why: Undelivered) -> None:
    now = timezone.now()
    row = leases.held(message, state=State.SENDING).select_for_update(of=("self",)).first()
    if row is None:
        return
    give_up = policy.DELIVERY_TEST_GIVE_UP if row.kind == Kind.TEST else source.give_up
    gives_up = why.permanent or now - row.due_at > give_up
    row.leased_until, row.error, row.failures = None, str(why)[:500], row.failures + 1
    wait = pause(
        row.failures, first=policy.DELIVERY_BACKOFF, longest=policy.DELIVERY_BACKOFF_AT_MOST
    )
    if why.retry_after_seconds is not None:
        wait = max(wait, timedelta(seconds=why.retry_after_seconds))
        holds.hold(row.channel, row.place, now + wait)
    row.not_before = max(now + wait, holds.until(row.channel, row.place, now))
    row.state = State.FAILED if gives_up else State.WAITING
    if source.unneeded(Message.objects.filter(pk=row.pk)).exists():
        row.state, gives_up = State.DROPPED, False
    row.save()
    outcome = Outcome.FAILED if gives_up else Outcome.RETRY
    Attempt.objects.create(message=row, outcome=outcome, code=why.code, text=row.error)
    log.warning("message_not_sent", message=row.pk, channel=row.channel, why=row.error)
    source.tried(row, outcome)
    if gives_up:
        source.gave_up(row)
        row.parts.filter(state=State.BUNDLED).update(state=State.FAILED, error=row.error)

"""Writes down what must be said to whom, in the transaction of what happened.

sending.py takes it from here. Each subject is told once to each target; what changes later
changes that message, where its channel can. What a target can't bear is one bundle.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import structlog
from celery import current_app
from django.db import connection, transaction
from django.db.models import Case, F, PositiveIntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from monitoring import policy
from monitoring.audit import trail
from monitoring.audit.models import Category
from monitoring.delivery import holds, limits, sources, transports
from monitoring.delivery.content import To
from monitoring.delivery.models import ON_ITS_WAY, Kind, Message, State
from monitoring.people import Person

log = structlog.get_logger(__name__)
SEND_TASK = "monitoring.delivery.tasks.send"


def want(
    source: sources.Source,
    channel: str,
    to: To,
    subjects: Sequence[int],
    *,
    direct: Iterable[int] = (),
) -> None:
    """Tell a target of these subjects, the most urgent first. Many at once are cheap.

    Some get messages of their own, the rest one bundle. `direct` are those of them that go past
    Alertmanager. What was asked for before is not asked for again.
    """
    if not subjects:
        return
    now, place = timezone.now(), transports.place(channel, to)
    free = holds.until(channel, place, now)
    common: dict[str, Any] = {
        "source": source.name,
        "channel": channel,
        "target": to.target,
        "place": place,
        "person": to.person,
        "urgency": source.urgency,
        "created_at": now,
    }
    is_limited = limits.hold(channel, to)
    if is_limited and not source.bundles:
        for subject in subjects:
            at = max(free, limits.free_at(channel, to.target, now))
            row = Message(subject_id=subject, not_before=at, due_at=at, **common)
            Message.objects.bulk_create([row], ignore_conflicts=True)
    else:
        room = _room(channel, to.target, now, is_limited=is_limited, wanted=len(subjects))
        past = set(direct)
        singles = [
            Message(subject_id=s, is_direct=s in past, not_before=free, due_at=free, **common)
            for s in subjects[:room]
        ]
        Message.objects.bulk_create(singles, ignore_conflicts=True)
        if rest := subjects[room:]:
            bundle = _open_bundle(common, now, free, is_limited=is_limited)
            _add(bundle, list(rest))
    transaction.on_commit(kick)


def again(source: sources.Source, subjects: Iterable[int], *, is_end: bool = True) -> None:
    """What these are about has changed: messages that are out must say so.

    Those that still wait say it by themselves. `is_end`: it may be over, which channels hear of
    that don't follow each change.
    """
    now = timezone.now()
    every = transports.everything().values()
    follow = [one.name for one in every if one.follows]
    hear = [one.name for one in every if one.follows or (is_end and one.tells_the_end)]
    mine = Message.objects.filter(
        source=source.name, subject_id__in=list(subjects), kind=Kind.SINGLE
    )
    _want_more(mine.filter(channel__in=hear), now)
    bundles = mine.filter(state=State.BUNDLED, channel__in=follow).values("bundle")
    _want_more(
        Message.objects.filter(pk__in=bundles.distinct()), now + policy.DELIVERY_BUNDLE_EVERY
    )
    transaction.on_commit(kick)


def drop(source: sources.Source, subjects: Iterable[int]) -> int:
    """Nobody needs to be told of these any more; returns how many messages don't go."""
    waiting = Message.objects.filter(
        source=source.name, subject_id__in=list(subjects), state=State.WAITING
    )
    return waiting.update(state=State.DROPPED)


def about(source: sources.Source, subject: int) -> QuerySet[Message]:
    """All messages about one subject, in the order in which they were asked for."""
    return Message.objects.filter(source=source.name, subject_id=subject).order_by("id")


def forget(source: sources.Source, subjects: Iterable[int]) -> int:
    """Remove the messages about subjects that are removed; returns how many."""
    found = Message.objects.filter(source=source.name, subject_id__in=list(subjects))
    return found.delete()[1].get("delivery.Message", 0)


def test(channel: str, target: str, *, by: Person) -> Message:
    """A message that says that the channel works."""
    with transaction.atomic():
        made = Message.objects.create(
            source=_TEST,
            channel=channel,
            target=target,
            place=transports.place(channel, To(target)),
            kind=Kind.TEST,
            requested_by=by,
        )
        trail.record(
            "alert.test_sent",
            category=Category.TECHNICAL,
            actor=by,
            target=made,
            data={"channel": channel, "target": target},
        )
        transaction.on_commit(kick)
    return made


def kick() -> None:
    """Wake a worker; without a broker the next pulse finds the rows."""
    try:
        current_app.send_task(SEND_TASK, queue="alerts", retry=False)
    except (BrokerError, RedisError, OSError) as error:
        log.warning("messages_not_queued", error=type(error).__name__)


_TEST = "tests"


def _room(channel: str, target: str, now: datetime, *, is_limited: bool, wanted: int) -> int:
    """How many messages of their own the target takes now; the rest is bundled.

    Of what a person may get, the last place is a bundle's: it goes at once, and whatever comes
    before it has gone is in it.
    """
    if is_limited:
        room = limits.room(channel, target, now)
        return room if wanted < room else max(room - 1, 0)
    waiting = Message.objects.filter(
        channel=channel, target=target, state__in=ON_ITS_WAY, sent_at=None, kind=Kind.SINGLE
    )
    return max(policy.DELIVERY_BACKLOG - waiting.count(), 0)


def _open_bundle(
    common: dict[str, Any], now: datetime, free: datetime, *, is_limited: bool
) -> Message:
    """The target's bundle that has not gone yet, or a new one."""
    channel, target = common["channel"], common["target"]
    waiting = Message.objects.filter(
        source=common["source"],
        channel=channel,
        target=target,
        kind=Kind.BUNDLE,
        state=State.WAITING,
        # Of one that was tried, the other side may know what it said: nothing joins it.
        attempts=0,
        sent_at=None,
    )
    open_one = waiting.select_for_update(skip_locked=True, of=("self",)).order_by("-id").first()
    if open_one is not None:
        return open_one
    # A place's bundle waits a little for more; a person's goes as soon as it may.
    at = limits.free_at(channel, target, now) if is_limited else now + policy.DELIVERY_BUNDLE_EVERY
    at = max(at, free)
    return Message.objects.create(**common, kind=Kind.BUNDLE, not_before=at, due_at=at)


# In SQL for tests/bench/test_alerts.py: of a storm of 10,000, model instances would take more than
# a second of processor time. A test holds it to what the model would write.
_ADD = """
INSERT INTO delivery_message (
    source, subject_id, kind, channel, target, place, person_id, reached, state, urgency, is_direct,
    wanted, shown, receipt, bundle_id, created_at, due_at, not_before, attempts, failures, error
)
SELECT source, subject, 'single', channel, target, place, person_id, '', 'bundled', urgency, false,
    1, 0, '', id, %(now)s, not_before, not_before, 0, 0, ''
FROM delivery_message, unnest(%(subjects)s::bigint[]) AS subject
WHERE id = %(bundle)s
ON CONFLICT DO NOTHING
"""


def _add(bundle: Message, subjects: list[int]) -> None:
    values: dict[str, Any] = {"bundle": bundle.pk, "subjects": subjects, "now": timezone.now()}
    with connection.cursor() as cursor:
        cursor.execute(_ADD, values)


def _want_more(rows: QuerySet[Message], not_before: datetime) -> None:
    """In one statement: a row that a worker ends meanwhile is looked at again as it is then."""
    # One that is out and whose last change was refused must still come to say what is true.
    out = Q(state=State.SENT) | Q(state=State.FAILED, sent_at__isnull=False)
    at = Greatest(Value(not_before), Coalesce(holds.until_of_row(), Value(not_before)))
    rows.filter(out | Q(state__in=ON_ITS_WAY)).update(
        wanted=F("wanted") + 1,
        state=Case(When(state=State.SENDING, then=F("state")), default=Value(State.WAITING)),
        not_before=Case(When(out, then=at), default=F("not_before")),
        due_at=Case(When(out, then=at), default=F("due_at")),
        failures=Case(
            When(out, then=Value(0)), default=F("failures"), output_field=PositiveIntegerField()
        ),
    )

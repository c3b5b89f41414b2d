"""Gets an escalation's messages to people, within what one person can bear.

A message is taken by a lease, so that it goes once unless a worker dies while it is sent. Who has
had as many as the limits allow gets the rest in one bundle, or later (policy.py).
"""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from monitoring import policy
from monitoring.incidents import metrics, notify, timeline
from monitoring.incidents.models import Incident, Message, MessageState, TimelineEntry
from monitoring.incidents.states import LIVE, State
from monitoring.tones import Tone
from monitoring.ui.words import duration

log = structlog.get_logger(__name__)
Kind = timeline.Kind
PAIRS_AT_ONCE = 100


def send_due() -> int:
    """Send what waits; returns how many messages got through, a bundle as one."""
    now = timezone.now()
    Message.objects.filter(state=MessageState.SENDING, leased_until__lt=now).update(
        state=MessageState.WAITING, leased_until=None
    )
    waiting = Message.objects.filter(state=MessageState.WAITING, not_before__lte=now)
    pairs = waiting.order_by().values_list("person", "way").distinct()[:PAIRS_AT_ONCE]
    sent = 0
    for person, way in list(pairs):
        for parts in _take(person, way):
            sent += _send(parts)
    return sent


@transaction.atomic
def _take(person: int, way: str) -> list[list[Message]]:
    """What may go to somebody now, leased: each inner list is one message to send."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"tell:{person}:{way}"])
    mine = Message.objects.filter(person=person, way=way)
    waiting = mine.filter(state=MessageState.WAITING, not_before__lte=now)
    waiting.exclude(incident__state__in=LIVE).update(state=MessageState.DROPPED)
    _answered(waiting).update(state=MessageState.DROPPED)
    found = list(waiting.select_related("incident", "person", "step").order_by("id"))
    if not found:
        return []
    room = _room(person, way, now)
    if room == 0:
        waiting.update(not_before=_free_at(person, way, now))
        return []
    Message.objects.filter(pk__in=[one.pk for one in found]).update(
        state=MessageState.SENDING, leased_until=now + policy.INCIDENT_MESSAGE_LEASE
    )
    if len(found) <= room:
        return [[one] for one in found]
    return [[one] for one in found[: room - 1]] + [found[room - 1 :]]


def _send(parts: list[Message]) -> int:
    head = parts[0]
    way = notify.WAYS.get(head.way)
    try:
        if way is None or not way.reaches(head.person):
            raise notify.NotSent("There is no such way to them any more.", permanent=True)
        way.send(head.person, _notice(parts))
    except notify.NotSent as why:
        _not_sent(parts, why)
        return 0
    except Exception as error:  # a way of sending must not stop the others
        log.exception("incident_message_failed", way=head.way)
        _not_sent(parts, notify.NotSent(f"Something broke ({type(error).__name__})."))
        return 0
    _sent(parts)
    return 1


@transaction.atomic
def _sent(parts: list[Message]) -> None:
    head, now = parts[0], timezone.now()
    Message.objects.filter(pk=head.pk).update(
        state=MessageState.SENT, sent_at=now, leased_until=None, attempts=head.attempts + 1
    )
    Message.objects.filter(pk__in=[one.pk for one in parts[1:]]).update(
        state=MessageState.BUNDLED, bundle=head, sent_at=now, leased_until=None
    )
    metrics.incident_messages_total.inc(way=head.way, outcome="sent")
    for one in parts:
        in_bundle = f", with {len(parts) - 1} others" if len(parts) > 1 else ""
        timeline.add(
            one.incident,
            Kind.MESSAGE,
            f"{one.person} was told by {notify.WAYS[one.way].label}{in_bundle}",
            source=f"step {one.step.position}",
            at=now,
            key=f"message:{one.pk}",
        )


@transaction.atomic
def _not_sent(parts: list[Message], why: notify.NotSent) -> None:
    head, now = parts[0], timezone.now()
    tries = head.attempts + 1
    given_up = why.permanent or tries >= policy.INCIDENT_MESSAGE_ATTEMPTS
    rows = Message.objects.filter(pk__in=[one.pk for one in parts])
    _answered(rows).update(state=MessageState.DROPPED, leased_until=None)
    rows = rows.filter(state=MessageState.SENDING)
    kept = set(rows.values_list("pk", flat=True))
    if not given_up:
        rows.update(
            state=MessageState.WAITING,
            leased_until=None,
            attempts=tries,
            not_before=now + policy.INCIDENT_MESSAGE_BACKOFF * 2 ** (tries - 1),
            error=str(why)[:500],
        )
        metrics.incident_messages_total.inc(way=head.way, outcome="retry")
        return
    rows.update(state=MessageState.FAILED, leased_until=None, attempts=tries, error=str(why)[:500])
    metrics.incident_messages_total.inc(way=head.way, outcome="failed")
    for one in (one for one in parts if one.pk in kept):
        timeline.add(
            one.incident,
            Kind.MESSAGE,
            f"{one.person} could not be told by {_label(one.way)}: {why}",
            source=f"step {one.step.position}",
            tone=Tone.CRITICAL,
            at=now,
            key=f"message:{one.pk}",
        )


def _answered(messages: QuerySet[Message]) -> QuerySet[Message]:
    """Those that say that nobody has answered, while somebody has since they were written.

    What is written after an answer is a call for help, and goes.
    """
    since = TimelineEntry.objects.filter(
        incident=OuterRef("incident"),
        kind__in=(Kind.ACKNOWLEDGED, Kind.MOVED),
        recorded_at__gt=OuterRef("created_at"),
    )
    return messages.exclude(incident__state=State.OPEN).filter(Exists(since))


def _notice(parts: list[Message]) -> notify.Notice:
    if len(parts) == 1:
        return _about(parts[0].incident)
    incidents = {one.incident_id: one.incident for one in parts}
    lines = [f"{one}: {one.title}" for one in incidents.values()]
    return notify.Notice(
        title=f"{len(incidents)} incidents need somebody",
        text="\n".join(lines),
        url=f"{settings.PUBLIC_URL}/incidents/",
    )


def _about(incident: Incident) -> notify.Notice:
    lasts = f"Open for {duration(timezone.now() - incident.opened_at)}"
    text = f"{lasts}, nobody has answered. Acknowledge it there, and nobody else is woken."
    if incident.state != State.OPEN:
        answer = timeline.last_answer(incident)
        text = f"{lasts}. {answer.by if answer else 'Somebody'} has it and asks for help."
    return notify.Notice(
        title=f"{incident} {incident.severity}: {incident.title}",
        text=text,
        url=f"{settings.PUBLIC_URL}{incident.get_absolute_url()}",
    )


def _room(person: int, way: str, now: datetime) -> int:
    """How many more messages the limits allow now."""
    return max(
        min(most - _count(person, way, now - span) for most, span in policy.PERSON_MESSAGE_LIMITS),
        0,
    )


def _count(person: int, way: str, since: datetime) -> int:
    mine = Message.objects.filter(person=person, way=way)
    on_its_way = mine.filter(state=MessageState.SENDING).count()
    return mine.filter(state=MessageState.SENT, sent_at__gt=since).count() + on_its_way


def _free_at(person: int, way: str, now: datetime) -> datetime:
    """When the limits allow one more message."""
    found = now + timedelta(seconds=1)
    for most, span in policy.PERSON_MESSAGE_LIMITS:
        sent = Message.objects.filter(
            person=person, way=way, state=MessageState.SENT, sent_at__gt=now - span
        ).order_by("-sent_at")
        times = list(sent.values_list("sent_at", flat=True)[:most])
        if len(times) == most and times[-1] is not None:
            found = max(found, times[-1] + span)
    return found


def _label(way: str) -> str:
    return notify.WAYS[way].label if way in notify.WAYS else way

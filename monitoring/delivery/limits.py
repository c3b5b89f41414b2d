"""How many messages one person may get by one channel, over everything that is sent to them."""

from datetime import datetime

from django.db.models import Q

from monitoring import locks, policy
from monitoring.delivery import transports
from monitoring.delivery.content import To
from monitoring.delivery.models import ON_ITS_WAY, Message, State


def hold(channel: str, to: To) -> bool:
    """Whether limits hold for whom this goes to. If so, nobody else asks or sends until the
    transaction ends: two could take the last place. Sending asks, too.
    """
    if to.person is None and not _is_personal(channel):
        return False
    locks.hold_name(f"limits:{channel}:{to.target}")
    return True


def room(channel: str, username: str, now: datetime, *, gone: int | None = None) -> int:
    """How many more messages the person may get by this channel now.

    With `gone`, the message that is about to go, only what went counts, and what goes beside it.
    """
    times = _times(channel, username, now, gone)
    return max(
        min(
            most - sum(at > now - span for at in times)
            for most, span in policy.PERSON_MESSAGE_LIMITS
        ),
        0,
    )


def free_at(channel: str, username: str, now: datetime, *, gone: int | None = None) -> datetime:
    """When the person may get one more: now, or later."""
    times, at = _times(channel, username, now, gone), now
    for most, span in policy.PERSON_MESSAGE_LIMITS:
        recent = [one for one in times if one > now - span]
        if len(recent) >= most:
            at = max(at, recent[len(recent) - most] + span)
    return at


def _is_personal(channel: str) -> bool:
    transport = transports.get(channel)
    return transport is not None and transport.is_personal


def _times(channel: str, username: str, now: datetime, gone: int | None) -> list[datetime]:
    """When the person's messages went lately, or are to go; not the parts of bundles."""
    since = now - max(span for _, span in policy.PERSON_MESSAGE_LIMITS)
    mine = Message.objects.filter(channel=channel, target=username)
    if not _is_personal(channel):
        mine = mine.filter(person__isnull=False)
    coming = Q(state__in=ON_ITS_WAY)
    if gone is not None:
        mine, coming = mine.exclude(pk=gone), Q(state=State.SENDING)
    rows = mine.filter(Q(state=State.SENT, sent_at__gt=since) | coming)
    times = rows.values_list("sent_at", "not_before")
    return sorted(sent_at or not_before for sent_at, not_before in times)

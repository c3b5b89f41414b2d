"""How many messages a target may get now: a storm becomes a bundle, a person can sleep."""

from datetime import datetime

from monitoring import policy
from monitoring.alerts.models import Channel, Delivery, DeliveryKind, DeliveryState

_ON_ITS_WAY = (DeliveryState.WAITING, DeliveryState.SENDING)


def room(channel: str, target: str, now: datetime) -> int:
    """How many more messages of their own this target takes now; the rest is bundled."""
    waiting = Delivery.objects.filter(
        channel=channel,
        target=target,
        state__in=_ON_ITS_WAY,
        sent_at=None,
        kind=DeliveryKind.ALERT,
    )
    found = policy.ALERT_BACKLOG - waiting.count()
    if channel == Channel.SMS:
        times = _times(target, now)
        for most, span in policy.SMS_LIMITS:
            found = min(found, most - sum(at >= now - span for at in times))
    return max(found, 0)


def free_at(channel: str, target: str, now: datetime) -> datetime:
    """When the next message may go: now, or when the person's limits allow it again."""
    if channel != Channel.SMS:
        return now
    times, found = _times(target, now), now
    for most, span in policy.SMS_LIMITS:
        recent = [at for at in times if at >= now - span]
        if len(recent) >= most:
            found = max(found, recent[len(recent) - most] + span)
    return found


def _times(target: str, now: datetime) -> list[datetime]:
    """When messages went, or are about to go; neither parts of bundles nor tests."""
    since = now - max(span for _, span in policy.SMS_LIMITS)
    mine = Delivery.objects.filter(channel=Channel.SMS, target=target)
    mine = mine.exclude(kind=DeliveryKind.TEST)
    sent = mine.filter(state=DeliveryState.SENT, sent_at__gte=since)
    waiting = mine.filter(state__in=_ON_ITS_WAY)
    times = [*sent.values_list("sent_at", flat=True)]
    times += [sent_at or at for sent_at, at in waiting.values_list("sent_at", "created_at")]
    return sorted(at for at in times if at is not None)

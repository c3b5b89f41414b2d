"""Places that have asked for patience: nothing goes there until then, whoever sends it."""

from datetime import datetime

from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Greatest

from monitoring.delivery.models import Hold, Message, State


def hold(channel: str, place: str, until: datetime) -> None:
    """For what waits already, and for what is wanted from now on."""
    made, is_new = Hold.objects.get_or_create(
        channel=channel, place=place, defaults={"until": until}
    )
    if not is_new:
        Hold.objects.filter(pk=made.pk).update(until=Greatest(F("until"), until))
    Message.objects.filter(
        Q(channel=channel, place=place, state=State.WAITING), not_before__lt=until
    ).update(not_before=Greatest(F("not_before"), until))


def until(channel: str, place: str, now: datetime) -> datetime:
    """When something may go there: now, or when it takes messages again."""
    asked = Hold.objects.filter(channel=channel, place=place, until__gt=now)
    return asked.values_list("until", flat=True).first() or now


def until_of_row() -> Subquery:
    """The same for a row of messages; NULL where nothing was ever asked for."""
    return Subquery(
        Hold.objects.filter(channel=OuterRef("channel"), place=OuterRef("place")).values("until")[
            :1
        ]
    )

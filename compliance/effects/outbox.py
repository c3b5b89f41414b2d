"""Writes down what Discord must do, in the transaction of the decision that wants it."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from compliance.effects.models import DUE, OPEN, Effect, EffectState, Kind

CHANNEL = "effects"


class Delivered(Exception):
    """An effect can't be taken back: its delivery has begun."""


def want_role(
    member_id: int, role: str, present: bool, *, cause: str, not_before: datetime
) -> Effect:
    """Want that a member has, or has not, a role; newer wishes supersede older ones.

    `role` is our own name of it ("verified"); the bot knows Discord's.
    """
    return _want(
        f"role:{member_id}:{role}",
        Kind.ROLE,
        member_id,
        {"role": role, "present": present},
        cause,
        not_before,
    )


def want_message(
    member_id: int, content: str, *, cause: str, not_before: datetime, with_link: bool = False
) -> Effect:
    """Want one direct message sent once. `cause` makes it unique: one message a cause.

    `with_link`: the bot opens a request and adds its one-time link when it sends; a link is
    never written down here.
    """
    payload: dict[str, Any] = {"content": content} | ({"with_link": True} if with_link else {})
    return _want(f"message:{cause}", Kind.MESSAGE, member_id, payload, cause, not_before)


def withdraw(cause: str) -> int:
    """Take back what `cause` wanted; returns how many. Raises Delivered when it is too late.

    The role as it was before is wanted by nobody then: within the undo window nothing has
    been delivered, so there is nothing to restore.
    """
    if (
        Effect.objects.filter(cause=cause)
        .exclude(state__in=[*DUE, EffectState.SUPERSEDED])
        .exists()
    ):
        raise Delivered(cause)
    count = Effect.objects.filter(cause=cause, state__in=DUE).update(state=EffectState.SUPERSEDED)
    if Effect.objects.filter(cause=cause).exclude(state=EffectState.SUPERSEDED).exists():
        raise Delivered(cause)  # the bot leased one in between
    return count


@transaction.atomic(savepoint=False)
def _want(
    key: str,
    kind: Kind,
    member_id: int,
    payload: dict[str, Any],
    cause: str,
    not_before: datetime,
) -> Effect:
    with connection.cursor() as cursor:
        # Two wishes for one thing get their versions one after the other. In the same round
        # trip, what notify() does: the bot is woken when this transaction commits.
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0)), pg_notify(%s, '')",
            [key, CHANNEL],
        )
        cursor.execute("SELECT max(version) FROM effects_effect WHERE key = %s", [key])
        newest = cursor.fetchone()[0] or 0
    if newest:
        Effect.objects.filter(key=key, state__in=OPEN).update(state=EffectState.SUPERSEDED)
    return Effect.objects.create(
        key=key,
        version=newest + 1,
        kind=kind,
        member_id=member_id,
        payload=payload,
        cause=cause,
        not_before=not_before,
    )


def notify() -> None:
    """Wake the bot when this transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])

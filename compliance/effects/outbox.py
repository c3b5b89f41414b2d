"""Writes down what Discord must do, in the transaction of the decision that wants it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from compliance.effects.models import DUE, OPEN, Effect, EffectState
from monitoring import locks, prepared

CHANNEL = "effects"
# In SQL for tests/bench/test_decisions.py.
_NEWEST = "SELECT key, max(version) FROM effects_effect WHERE key = ANY(%s) GROUP BY key"


class Delivered(Exception):
    """An effect can't be taken back: its delivery has begun."""


@dataclass(frozen=True)
class Wish:
    """What Discord must come to: the desired state of one thing, its key."""

    key: str
    kind: str
    member_id: int
    payload: dict[str, Any]


@transaction.atomic(savepoint=False)
def want(wishes: list[Wish], *, cause: str, not_before: datetime) -> list[Effect]:
    """Want several things at once, for one `cause`; each supersedes older wishes of its key."""
    keys = sorted(wish.key for wish in wishes)
    # In SQL for a race: two wishes for one thing get their versions one after the other. In the
    # same round trip, what notify() does: the bot is woken when this transaction commits.
    prepared.rows(f"SELECT {_hold(keys)}, pg_notify(%s, '')", [*keys, CHANNEL])
    newest = dict(prepared.rows(_NEWEST, [keys]))
    if newest:
        Effect.objects.filter(key__in=newest, state__in=OPEN).update(state=EffectState.SUPERSEDED)
    effects = [
        Effect(
            key=wish.key,
            version=newest.get(wish.key, 0) + 1,
            kind=wish.kind,
            member_id=wish.member_id,
            payload=wish.payload,
            cause=cause,
            not_before=not_before,
        )
        for wish in wishes
    ]
    prepared.insert(effects)
    return effects


def is_known(wish: Wish, *, but_by: str) -> bool:
    """Whether anything of this key was ever wanted, other than by the cause `but_by`."""
    return Effect.objects.filter(key=wish.key).exclude(cause=but_by).exists()


def is_unsaid(wish: Wish, *, by: str) -> bool:
    """Whether what the cause `by`, or an undo after it, wanted said was superseded unsaid.

    Call it in the transaction that has withdrawn what superseded it, with the key locked.
    """
    said = Effect.objects.filter(Q(cause=by) | Q(cause__startswith="undo:"), key=wish.key)
    last = said.order_by("-version").first()
    return last is not None and last.state == EffectState.SUPERSEDED


def lock(keys: list[str]) -> None:
    """Let nobody want or finish anything of these keys until this transaction ends.

    In SQL for a race, as in monitoring/locks.py, and all in one round trip.
    """
    prepared.rows(f"SELECT {_hold(keys)}", sorted(keys))


def withdraw(cause: str) -> int:
    """Take back what `cause` wanted; returns how many. Raises Delivered when it is too late.

    Within the undo window nothing of it has been delivered. An earlier wish that it superseded
    stays superseded: whoever withdraws wants that anew.
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
def drop(cause: str) -> bool:
    """What `cause` wanted is wanted no more, as far as it is not done; whether something of it was
    done, or may be."""
    found = Effect.objects.filter(cause=cause)
    lock(list(found.values_list("key", flat=True)))
    found.filter(state__in=OPEN).update(state=EffectState.SUPERSEDED)
    begun = Q(state__in=(EffectState.DELIVERING, EffectState.DELIVERED))
    return found.filter(begun | Q(may_land_until__isnull=False)).exists()


def notify() -> None:
    """Wake the bot when this transaction commits. In SQL for want of a model: it is a NOTIFY."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


def _hold(keys: list[str]) -> str:
    return ", ".join([locks.HOLD_NAME] * len(keys))

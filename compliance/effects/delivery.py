"""Hands effects to the bot and records what Discord answered. Each act may run twice.

Every ending is conditional on the lease: a delivery that comes back after its lease was
given to somebody else, or after a newer version was written, changes nothing newer.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Now

from compliance import policy
from compliance.effects import kinds, outbox
from compliance.effects.models import DUE, Effect, EffectState
from compliance.members.roster import subject_of
from monitoring.audit import trail
from monitoring.audit.models import ActorType, Category
from monitoring.delivery import leases
from monitoring.delivery.pauses import pause
from monitoring.people import Person


@transaction.atomic
def lease_due(limit: int = 20) -> list[Effect]:
    """Take effects that may be delivered now; they come back by themselves if the bot dies.

    Not while Discord may still do another version of the same thing.
    """
    due = _without_rival().filter(not_before__lte=Now()).order_by("not_before", "id")
    until = Now() + policy.EFFECT_LEASE
    return leases.take(due, limit, state=EffectState.DELIVERING, until=until)


def next_due_at() -> datetime | None:
    """When the next effect may be delivered; None when nothing waits but for another version."""
    return _without_rival().order_by("not_before").values_list("not_before", flat=True).first()


def _without_rival() -> QuerySet[Effect]:
    """What is due sooner or later, and has no other version that may still be done.

    A message waits for the role that is wanted with it, so that nobody reads of a role that was
    not given; but no longer than policy says: it tells then that the role follows.
    """
    rival = Effect.objects.filter(
        ~Q(pk=OuterRef("pk")),
        Q(state=EffectState.DELIVERING) | Q(may_land_until__gt=Now()),
        key=OuterRef("key"),
    )
    patience = policy.UNDO_WINDOW + policy.MESSAGE_WAITS_FOR_ROLE
    found = Effect.objects.filter(~Exists(rival), state__in=DUE)
    for kind in kinds.everything().values():
        if kind.after:
            first = Effect.objects.filter(
                cause=OuterRef("cause"),
                member_id=OuterRef("member_id"),
                kind__in=kind.after,
                state__in=[*DUE, EffectState.DELIVERING],
            )
            waits = Q(kind=kind.name, created_at__gt=Now() - patience) & Exists(first)
            found = found.filter(~waits)
    return found


def delivered(effect: Effect) -> bool:
    """Discord did it. False when this delivery no longer holds the lease."""
    return _finish(effect, EffectState.DELIVERED, "effect.delivered")


def failed(effect: Effect, error: str, code: int | None = None) -> bool:
    """Discord refused for good: `error` says why and what to do, `code` is Discord's."""
    return _finish(effect, EffectState.FAILED, "effect.failed", error, code)


def park(effect: Effect) -> bool:
    """The member is not in the guild: wait until they are back."""
    return _finish(effect, EffectState.PARKED, "effect.parked")


@transaction.atomic
def retry_later(
    effect: Effect, error: str, code: int | None = None, *, may_land: bool = False
) -> bool:
    """Discord could not do it now: try again after an exponential, jittered pause.

    `may_land`: it has not answered, so it may still do this; until the lease would have ended
    no other version is delivered.
    """
    outbox.lock([effect.key])
    held = leases.held(effect, state=EffectState.DELIVERING)
    if may_land:
        held.update(may_land_until=F("leased_until"))
    if _has_newer(effect):
        return bool(held.update(state=EffectState.SUPERSEDED, leased_until=None))
    done = held.update(
        state=EffectState.READY,
        leased_until=None,
        not_before=Now()
        + pause(
            effect.attempts, first=policy.EFFECT_RETRY_FIRST, longest=policy.EFFECT_RETRY_LONGEST
        ),
        error=error[:500],
        error_code=code,
    )
    outbox.notify()
    return bool(done)


def no_answer(effect: Effect, error: str) -> bool:
    """As retry_later(), where Discord may still do what it was asked to."""
    return retry_later(effect, error, may_land=True)


def _has_newer(effect: Effect) -> bool:
    return _newer(effect.key, effect.version).exists()


def _newer(key: object, version: object) -> QuerySet[Effect]:
    """Later versions that were not withdrawn."""
    later = Effect.objects.filter(key=key, version__gt=version)
    return later.exclude(state=EffectState.SUPERSEDED)


@transaction.atomic
def hasten() -> int:
    """Discord is back: try at once what waits for its next try. Returns how many."""
    count = Effect.objects.filter(state=EffectState.READY, not_before__gt=Now()).update(
        not_before=Now()
    )
    if count:
        outbox.notify()
    return count


@transaction.atomic
def unpark(member_id: int) -> int:
    """The member is back: deliver what was parked. Returns how many."""
    count = Effect.objects.filter(member_id=member_id, state=EffectState.PARKED).update(
        state=EffectState.READY, not_before=Now(), finished_at=None
    )
    if count:
        outbox.notify()
    return count


@transaction.atomic
def retry(effect_id: int, staff: Person) -> bool:
    """A person asks to try a failed effect again. False when it is not failed any more."""
    again = Effect.objects.filter(pk=effect_id, state=EffectState.FAILED).update(
        state=EffectState.READY, not_before=Now(), finished_at=None, error="", error_code=None
    )
    if again:
        effect = Effect.objects.get(pk=effect_id)
        trail.record(
            "effect.retried",
            category=Category.TECHNICAL,
            actor=staff,
            subject_id=subject_of(effect.member_id),
            target=effect,
        )
        outbox.notify()
    return bool(again)


@transaction.atomic
def release_expired_leases(in_hand: Collection[int] = ()) -> int:
    """Give back what a dead bot held. An older version is superseded instead.

    Not what a living one has `in_hand` (ids): it may only be waiting to write its end down.
    """
    expired = leases.expired(
        Effect.objects.exclude(pk__in=in_hand), state=EffectState.DELIVERING, now=Now()
    )
    keys = list(expired.values_list("key", flat=True))
    if not keys:
        return 0
    outbox.lock(keys)
    newer = _newer(OuterRef("key"), OuterRef("version"))
    count = expired.filter(key__in=keys).update(
        state=Case(
            When(Exists(newer), then=Value(EffectState.SUPERSEDED)),
            default=Value(EffectState.READY),
        ),
        leased_until=None,
    )
    outbox.notify()
    return count


def release_all_leases() -> int:
    """At the bot's start: nothing is being delivered by anybody, so take back what is safe.

    A dead bot's call may still be on its way to Discord. Doing the same thing again is
    harmless; but another version waits until that call can't land any more, which is when the
    lease would have ended.
    """
    newer = _newer(OuterRef("key"), OuterRef("version"))
    Effect.objects.filter(~Exists(newer), state=EffectState.DELIVERING).update(
        may_land_until=F("leased_until"), leased_until=Now()
    )
    return release_expired_leases()


@transaction.atomic
def _finish(
    effect: Effect, state: EffectState, action: str, error: str = "", code: int | None = None
) -> bool:
    outbox.lock([effect.key])
    if state in {EffectState.FAILED, EffectState.PARKED} and _has_newer(effect):
        state = EffectState.SUPERSEDED
    done = leases.held(effect, state=EffectState.DELIVERING).update(
        state=state, leased_until=None, finished_at=Now(), error=error[:500], error_code=code
    )
    if not done:
        return False
    trail.record(
        action,
        category=Category.COMPLIANCE,
        actor_type=ActorType.BOT,
        subject_id=subject_of(effect.member_id),
        target=effect,
        data={
            "kind": effect.kind,
            "version": effect.version,
            "attempts": effect.attempts,
            "cause": effect.cause,
            **({"discord_code": code} if code is not None else {}),
        },
    )
    outbox.notify()
    return True

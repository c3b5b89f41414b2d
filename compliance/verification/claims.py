"""Who works on a request. A claim is a row with a lease; the decision is the authority."""

from datetime import timedelta
from functools import cache
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from compliance import policy
from compliance.members.roster import subject_of
from compliance.verification import assignment, looking
from compliance.verification.errors import Refusal
from compliance.verification.leases import end, held_by
from compliance.verification.looking import Look
from compliance.verification.models import Claim, RequestQuerySet, VerificationRequest
from compliance.verification.states import REVIEWABLE, State
from monitoring import prepared
from monitoring.audit import trail

NEXT_TRIES = 20
_MODERATOR, _OWN = -1, -2  # stand-ins: no such ids are in the database
# Who comes second waits for the first at the index of open claims, and then writes nothing.
_TAKE = """
INSERT INTO verification_claim (request_id, moderator_id, started_at, expires_at, end_reason)
VALUES (%s, %s, %s, %s, '')
ON CONFLICT (request_id) WHERE ended_at IS NULL DO NOTHING
RETURNING id
"""


def claim(request_id: int, moderator: Any) -> Claim:
    """Take a request for review; the holder's own claim is renewed instead.

    An expired lease is closed and taken over in the same transaction. Refusals:
    not_reviewable, own_request, escalated_to_other, claimed_by_other (details: by, until).
    """
    look = looking.at(request_id)
    if look is None or look.request.state not in REVIEWABLE:
        raise Refusal("not_reviewable")
    request, held = look.request, look.claim
    if moderator.discord_id is not None and moderator.discord_id == request.member_id:
        raise Refusal("own_request")
    if not assignment.may_decide(request, moderator):
        raise Refusal("escalated_to_other", _handed_on(request))
    if held is not None and look.runs:
        if held.moderator_id != moderator.pk:
            # Seen before anything is written: who runs into the unique index waits for the
            # holder, who may be waiting for the row that claim_next() has locked.
            raise held_by(held)
        if renewed := renew(request_id, moderator):
            return renewed
    taken = _take(look, moderator)
    if taken is None:
        raise _held_by_other(request_id)
    return taken


@transaction.atomic(savepoint=False)
def _take(look: Look, moderator: Any) -> Claim | None:
    """Write the claim and its audit entry; None when somebody else was faster."""
    request = look.request
    if look.claim is not None:
        _end_expired(request.pk)
    now = timezone.now()
    row = Claim(
        request=request,
        moderator=moderator,
        started_at=now,
        expires_at=now + _lease(request.state),
    )
    written = prepared.rows(_TAKE, [request.pk, moderator.pk, row.started_at, row.expires_at])
    if not written:
        return None
    [(row.pk,)] = written
    row._state.adding = False
    trail.record(
        "verification.claimed",
        actor=moderator,
        subject_id=subject_of(request.member_id),
        target=request,
        data={"claim": row.pk},
    )
    return row


def renew(request_id: int, moderator: Any) -> Claim | None:
    """Lengthen the holder's lease to its full time; None when they hold none."""
    held = open_claim(request_id, moderator)
    if held is None:
        return None
    Claim.objects.filter(pk=held.pk, ended_at__isnull=True, expires_at__gt=Now()).update(
        expires_at=timezone.now() + _lease(held.request.state)
    )
    return open_claim(request_id, moderator)


def open_claim(request_id: int, moderator: Any) -> Claim | None:
    """The moderator's own running claim, with its request; None without one."""
    look = looking.at(request_id)
    return look.claim_of(moderator) if look is not None else None


def running_claim(request_id: int) -> Claim | None:
    """Whoever's claim runs on a request now, with its holder."""
    return (
        Claim.objects.select_related("moderator")
        .filter(request_id=request_id, ended_at__isnull=True, expires_at__gt=Now())
        .first()
    )


def held_claim(request_id: int, moderator: Any) -> Claim:
    """The same as open_claim(). Refusal not_claimed."""
    row = open_claim(request_id, moderator)
    if row is None:
        raise Refusal("not_claimed")
    return row


@transaction.atomic
def release(request_id: int, moderator: Any, reason: str = Claim.End.RELEASED) -> bool:
    """Give a request back. False when the moderator held no claim."""
    row = Claim.objects.filter(
        request_id=request_id, moderator=moderator, ended_at__isnull=True
    ).first()
    if row is None or not end(row, reason):
        return False
    trail.record(
        "verification.released",
        actor=moderator,
        subject_id=subject_of(row.request.member_id),
        target=row.request,
        data={"claim": row.pk, "reason": reason},
    )
    return True


def release_all(moderator: Any) -> int:
    """Give everything back, as at sign-out."""
    held = Claim.objects.filter(moderator=moderator, ended_at__isnull=True)
    return sum(
        release(request_id, moderator, Claim.End.SIGNED_OUT)
        for request_id in held.values_list("request_id", flat=True)
    )


def claim_next(
    moderator: Any,
    after: VerificationRequest | None = None,
    among: RequestQuerySet | None = None,
) -> Claim | None:
    """Claim what next_for() finds; None when nothing waits that nobody else holds.

    Moderators who ask at the same moment pass each other: each takes a request that no
    other one is taking right now.
    """
    for _ in range(NEXT_TRIES):
        with transaction.atomic():
            request_id = next_for(moderator, after, among, skip_locked=True)
            if request_id is None:
                return None
            try:
                return claim(request_id, moderator)
            except Refusal:
                continue  # claimed between our look and our lock: the one after
    return None


def next_for(
    moderator: Any,
    after: VerificationRequest | None = None,
    among: RequestQuerySet | None = None,
    *,
    skip_locked: bool = False,
) -> int | None:
    """Id of the next request that nobody else holds, oldest deadline first; None without one.

    `among` narrows it to what a moderator has filtered the list to.
    """
    any_escalated = moderator.has_perm("verification.decide_escalated")
    own_id = moderator.discord_id
    has_place = after is not None and after.due_at is not None
    if among is not None or has_place:
        free = _free(moderator.pk, own_id, any_escalated, skip_locked, among)
    if after is not None and after.due_at is not None:
        later = free.filter(Q(due_at__gt=after.due_at) | Q(due_at=after.due_at, id__gt=after.pk))
        others = free.exclude(pk=after.pk)
        for rest in (later, others):
            if found := rest.values_list("pk", flat=True).first():
                return found
    if among is not None:
        return free.values_list("pk", flat=True).first()
    sql, parameters = _free_sql(own_id is not None, any_escalated, skip_locked)
    values = {_MODERATOR: moderator.pk, _OWN: own_id}
    with connection.cursor() as cursor:
        cursor.execute(sql, [values.get(each, each) for each in parameters])
        row = cursor.fetchone()
    return row[0] if row else None


def _free(
    moderator_id: int,
    own_id: int | None,
    any_escalated: bool,
    skip_locked: bool,
    among: RequestQuerySet | None = None,
) -> RequestQuerySet:
    """What this person may claim and nobody else holds, oldest deadline first."""
    by_others = Claim.objects.filter(
        ~Q(moderator=moderator_id),
        request=OuterRef("pk"),
        ended_at__isnull=True,
        expires_at__gt=Now(),
    )
    asked = VerificationRequest.objects.all() if among is None else among
    free = asked.reviewable().filter(~Exists(by_others)).by_deadline()
    if not any_escalated:
        free = assignment.handed_to(free, moderator_id)
    if own_id is not None:
        free = free.exclude(member_id=own_id)
    if skip_locked:
        # Not the key: a claim's foreign key must not wait for this lock.
        free = free.select_for_update(skip_locked=True, no_key=True, of=("self",))
    return free


@cache
def _free_sql(has_own: bool, any_escalated: bool, skip_locked: bool) -> tuple[str, tuple[Any, ...]]:
    """The statement of _free() with stand-ins for the ids.

    Made once a process: to build it costs more than to run it, after every decision.
    """
    free = _free(_MODERATOR, _OWN if has_own else None, any_escalated, skip_locked)
    sql, parameters = free.values("pk")[:1].query.sql_with_params()
    return sql, tuple(parameters)


def _lease(state: str) -> timedelta:
    return policy.ESCALATION_LEASE if state == State.ESCALATED else policy.CLAIM_LEASE


def _handed_on(request: VerificationRequest) -> str:
    row = assignment.current(request)
    to = row.escalated_to if row is not None and row.escalated_to else "compliance"
    return f"This was handed to {to}."


def _end_expired(request_id: int) -> None:
    Claim.objects.filter(
        request_id=request_id, ended_at__isnull=True, expires_at__lte=Now()
    ).update(ended_at=Now(), end_reason=Claim.End.LEASE_ENDED)


def _held_by_other(request_id: int) -> Refusal:
    holder = (
        Claim.objects.select_related("moderator")
        .filter(request_id=request_id, ended_at__isnull=True)
        .first()
    )
    return held_by(holder)

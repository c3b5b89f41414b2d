"""Who works on a request. A claim is a row with a lease; the decision is the authority."""

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from compliance import policy
from compliance.members.roster import subject_of
from compliance.verification import assignment
from compliance.verification.errors import Refusal
from compliance.verification.models import Claim, RequestQuerySet, VerificationRequest
from compliance.verification.states import REVIEWABLE, State
from monitoring.audit import trail

NEXT_TRIES = 20


def claim(request_id: int, moderator: Any) -> Claim:
    """Take a request for review; the holder's own claim is renewed instead.

    An expired lease is closed and taken over in the same transaction. Refusals:
    not_reviewable, own_request, escalated_to_other, claimed_by_other (details: by, until).
    """
    request = VerificationRequest.objects.select_related("member").filter(pk=request_id).first()
    if request is None or request.state not in REVIEWABLE:
        raise Refusal("not_reviewable")
    if moderator.discord_id is not None and moderator.discord_id == request.member_id:
        raise Refusal("own_request")
    if not assignment.may_decide(request, moderator):
        raise Refusal("escalated_to_other", _handed_on(request))
    if renewed := renew(request_id, moderator):
        return renewed
    try:
        with transaction.atomic():
            _end_expired(request_id)
            row = Claim.objects.create(
                request=request,
                moderator=moderator,
                expires_at=timezone.now() + _lease(request.state),
            )
            trail.record(
                "verification.claimed",
                actor=moderator,
                subject_id=subject_of(request.member_id),
                target=request,
                data={"claim": row.pk},
            )
    except IntegrityError:
        raise _held_by_other(request_id) from None
    return row


def renew(request_id: int, moderator: Any) -> Claim | None:
    """Lengthen the holder's lease to its full time; None when they hold none."""
    held = _open_claim(request_id, moderator)
    if held is None:
        return None
    Claim.objects.filter(pk=held.pk, ended_at__isnull=True, expires_at__gt=Now()).update(
        expires_at=timezone.now() + _lease(held.request.state)
    )
    return _open_claim(request_id, moderator)


def held_claim(request_id: int, moderator: Any) -> Claim:
    """The moderator's own running claim. Refusal not_claimed."""
    row = _open_claim(request_id, moderator)
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


def end(row: Claim, reason: str) -> bool:
    """End one open claim; False when it has ended already."""
    return bool(
        Claim.objects.filter(pk=row.pk, ended_at__isnull=True).update(
            ended_at=Now(), end_reason=reason
        )
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
    by_others = Claim.objects.filter(ended_at__isnull=True, expires_at__gt=Now()).exclude(
        moderator=moderator
    )
    asked = VerificationRequest.objects.all() if among is None else among
    waiting = assignment.for_moderator(asked.reviewable(), moderator)
    free = waiting.exclude(claims__in=by_others).by_deadline()
    if skip_locked:
        free = free.select_for_update(skip_locked=True, of=("self",))
    if moderator.discord_id is not None:
        free = free.exclude(member_id=moderator.discord_id)
    if after is not None and after.due_at is not None:
        later = free.filter(Q(due_at__gt=after.due_at) | Q(due_at=after.due_at, id__gt=after.pk))
        others = free.exclude(pk=after.pk)
        for rest in (later, others):
            if found := rest.values_list("pk", flat=True).first():
                return found
    return free.values_list("pk", flat=True).first()


def _open_claim(request_id: int, moderator: Any) -> Claim | None:
    return (
        Claim.objects.select_related("request")
        .filter(
            request_id=request_id,
            moderator=moderator,
            ended_at__isnull=True,
            expires_at__gt=Now(),
        )
        .first()
    )


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
    if holder is None:  # released between our try and this look
        return Refusal("not_claimed", "Somebody else had this a moment ago. Try again.")
    return Refusal(
        "claimed_by_other",
        f"{holder.moderator} is working on this.",
        by=str(holder.moderator),
        until=holder.expires_at.isoformat(),
    )

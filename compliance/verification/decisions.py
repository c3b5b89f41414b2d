"""A moderator decides, or the provider did.

One transaction holds decision, effects, end of the claim and audit.
"""

import uuid

from django.db import IntegrityError, transaction

from compliance.desk import relations
from compliance.refusals import Refusal
from compliance.verification import looking, seen, writing
from compliance.verification.models import Decision, VerificationRequest
from compliance.verification.signals import request_decided
from compliance.verification.states import DenyReason, State
from compliance.verification.transitions import move
from monitoring.audit.models import ActorType
from monitoring.people import Person


def approve(
    request_id: int,
    *,
    moderator: Person,
    version: int,
    idempotency_key: uuid.UUID | None = None,
    attested: str = "",
) -> Decision:
    """21 or over: the role and a message follow when the undo window is over.

    Without a picture the moderator attests what they saw: `attested` is the day, as the desk
    showed it, on or before which the member was born.
    """
    return _decide(
        request_id, State.APPROVED, moderator, version, idempotency_key, attested=attested
    )


def deny(
    request_id: int,
    *,
    moderator: Person,
    version: int,
    reason: str,
    note: str = "",
    idempotency_key: uuid.UUID | None = None,
) -> Decision:
    """Not approved, for one of DenyReason; `other` needs a note, which the member reads."""
    if reason not in DenyReason.values or (reason == DenyReason.OTHER and not note.strip()):
        raise Refusal("reason_missing")
    return _decide(request_id, State.DENIED, moderator, version, idempotency_key, reason, note)


def request_more(
    request_id: int,
    *,
    moderator: Person,
    version: int,
    note: str,
    idempotency_key: uuid.UUID | None = None,
) -> Decision:
    """Ask the member for something else; `note` says what, in words that the member reads."""
    if not note.strip():
        raise Refusal("reason_missing", "Say what the member should send.")
    return _decide(request_id, State.MORE_REQUESTED, moderator, version, idempotency_key, note=note)


def decide_by_provider(request: VerificationRequest, result: State, reason: str = "") -> Decision:
    """What the provider's answer decided, without a person. Call it inside a transaction that
    holds the request. Nobody can undo it; compliance can override it."""
    state_before, version = State(request.state), request.version
    move(request, result, version=version)
    decision = writing.write(
        request, state_before, version, result, None, None, None, reason, "",
        actor_type=ActorType.PROVIDER,
    )  # fmt: skip
    writing.want_effects(decision, request, was_approved=False)
    request_decided.send(sender=Decision, decision=decision, request=request)
    writing.record(decision, request, f"verification.{result}", None)
    return decision


def _decide(
    request_id: int,
    result: State,
    moderator: Person,
    version: int,
    idempotency_key: uuid.UUID | None,
    reason: str = "",
    note: str = "",
    attested: str = "",
) -> Decision:
    """The common path. Refusals: own_request, not_claimed, not_revealed, not_attested, stale, …

    The same idempotency key again, by the same moderator, returns the first decision.
    """
    try:
        with transaction.atomic():
            return _decide_once(
                request_id, result, moderator, version, idempotency_key, reason, note, attested
            )
    except (Refusal, IntegrityError) as error:
        first = _first_answer(request_id, idempotency_key, moderator)
        if first is not None:
            return first
        if isinstance(error, IntegrityError) and _is_used(idempotency_key):
            raise Refusal("stale", "This form was used for another request.") from error
        raise


def _decide_once(
    request_id: int,
    result: State,
    moderator: Person,
    version: int,
    idempotency_key: uuid.UUID | None,
    reason: str,
    note: str,
    attested: str,
) -> Decision:
    look = looking.at(request_id)
    if look is None:
        raise Refusal("not_reviewable")
    request, claim = look.request, look.claim_of(moderator)
    relations.check(moderator, member_id=request.member_id)
    state_before = State(request.state)
    if request.version != version or state_before not in (State.PENDING, State.ESCALATED):
        move(request, result, version=version)  # says why it can't
        raise Refusal("not_reviewable")
    if claim is None:
        raise Refusal("not_claimed")
    known = seen.check(request, claim, result, reason, attested)
    move(request, result, version=version, claim=claim)
    decision = writing.write(
        request, state_before, version, result, moderator, claim, idempotency_key, reason, note
    )
    writing.want_effects(decision, request, was_approved=False)
    request_decided.send(sender=Decision, decision=decision, request=request)
    writing.record(decision, request, f"verification.{result}", moderator, known)
    return decision


def _is_used(idempotency_key: uuid.UUID | None) -> bool:
    return Decision.objects.filter(
        idempotency_key=idempotency_key, idempotency_key__isnull=False
    ).exists()


def _first_answer(
    request_id: int, idempotency_key: uuid.UUID | None, moderator: Person
) -> Decision | None:
    if idempotency_key is None:
        return None
    return Decision.objects.filter(
        request_id=request_id, idempotency_key=idempotency_key, decided_by=moderator
    ).first()

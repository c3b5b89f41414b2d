"""What every decision is made of: its row, what Discord has to do, its audit entry."""

import uuid

from django.utils import timezone

from compliance import policy
from compliance.desk.models import Claim
from compliance.effects import outbox
from compliance.effects.kinds import message, role
from compliance.members.roster import subject_of
from compliance.verification import messages
from compliance.verification.models import Decision, VerificationRequest
from compliance.verification.states import State
from monitoring import prepared
from monitoring.audit import trail
from monitoring.audit.models import ActorType
from monitoring.people import Person

VERIFIED = "verified"


def write(
    request: VerificationRequest,
    state_before: State,
    version: int,
    result: State,
    staff: Person | None,
    claim: Claim | None,
    idempotency_key: uuid.UUID | None,
    reason: str,
    note: str,
    overrides: Decision | None = None,
    actor_type: ActorType = ActorType.STAFF,
) -> Decision:
    now = timezone.now()
    decision = Decision(
        request=request,
        request_version=version,
        state_before=state_before,
        result=result,
        reason=reason,
        note=note.strip()[:500],
        threshold_years=policy.AGE_THRESHOLD_YEARS,
        method=request.method,
        actor_type=actor_type,
        decided_by=staff,
        claim=claim,
        idempotency_key=idempotency_key,
        decided_at=now,
        undo_until=now + policy.UNDO_WINDOW,
        overrides=overrides,
    )
    prepared.insert([decision])
    return decision


def want_effects(decision: Decision, request: VerificationRequest, *, was_approved: bool) -> None:
    if request.member.made_up:
        return  # a practice case: nothing hangs on it
    cause, member_id = cause_of(decision), request.member_id
    wishes = [message_of(decision, member_id)]
    if decision.result == State.APPROVED or was_approved:
        wishes.insert(0, role.wish(member_id, VERIFIED, decision.result == State.APPROVED))
    outbox.want(wishes, cause=cause, not_before=decision.undo_until)


def record(
    decision: Decision,
    request: VerificationRequest,
    action: str,
    staff: Person | None,
    known: dict[str, str] | None = None,
) -> None:
    trail.record(
        action,
        actor=staff,
        actor_type=decision.actor_type,
        subject_id=subject_of(request.member_id),
        target=request,
        data={
            "decision": decision.pk,
            "result": decision.result,
            "reason": decision.reason,
            "threshold": decision.threshold_years,
            "method": decision.method,
        }
        | (known or {}),
    )


def message_of(decision: Decision, member_id: int) -> outbox.Wish:
    return message.wish(member_id, messages.ABOUT, messages.for_decision(decision))


def cause_of(decision: Decision) -> str:
    return f"decision:{decision.pk}"

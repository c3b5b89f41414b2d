"""The one place where the state of a request changes."""

from datetime import datetime, timedelta

from django.utils import timezone

from compliance import policy
from compliance.desk import escalations
from compliance.desk.models import Claim
from compliance.refusals import Refusal
from compliance.verification.models import VerificationRequest
from compliance.verification.states import MOVES, REVIEWABLE, State
from monitoring import prepared

_LIVES: dict[State, timedelta] = {
    State.OPENED: policy.UPLOAD_LINK_LIFE,
    State.MORE_REQUESTED: policy.MORE_REQUESTED_LIFE,
    State.EVIDENCE_EXPIRED: policy.EVIDENCE_EXPIRED_LIFE,
}
# In SQL for a race: rivals wait for each other at the request, and only then end its open claim.
_MOVE = """
WITH moved AS (
    UPDATE verification_verificationrequest
    SET state = %(to)s, version = version + 1, state_since = %(now)s, expires_at = %(expires_at)s
    WHERE id = %(id)s AND version = %(version)s AND state = %(state)s
    RETURNING id
), ended AS (
    UPDATE desk_claim SET ended_at = %(now)s, end_reason = %(end_reason)s
    FROM moved JOIN desk_workitem item ON item.kind = 'verification' AND item.subject = moved.id
    WHERE %(leaves_review)s AND item_id = item.id AND ended_at IS NULL
    RETURNING desk_claim.id
)
SELECT ended.id FROM moved LEFT JOIN ended ON true
"""


def move(
    request: VerificationRequest,
    to: State,
    *,
    version: int,
    override: bool = False,
    claim: Claim | None = None,
) -> VerificationRequest:
    """Move a request that still has `version` to `to`, and count its version up.

    One conditional UPDATE decides between rivals. A claim that is still open ends with the
    state; `claim` is the one in which this was decided, and must still be open. Refusals:
    `stale` (somebody moved it first, with its state now), `already_there`, `not_allowed`,
    `not_claimed`. Call it inside a transaction.
    """
    origin = State(request.state)
    if request.version != version:
        raise _stale(request.pk)
    if origin == to:
        raise Refusal("already_there")
    decided = origin in {State.APPROVED, State.DENIED}
    if to not in MOVES[origin] or decided != override:
        raise Refusal("not_allowed")
    return _write(request, to, claim)


def take_back(request: VerificationRequest, to: State) -> VerificationRequest:
    """Return to the state before: for taking_back.undo() and escalation.undo()."""
    return _write(request, to)


def _write(
    request: VerificationRequest, to: State, claim: Claim | None = None
) -> VerificationRequest:
    now = timezone.now()
    expires_at = _expiry(to, now)
    values = {
        "id": request.pk,
        "version": request.version,
        "state": request.state,
        "to": to,
        "now": now,
        "expires_at": expires_at,
        "leaves_review": request.state in REVIEWABLE and to not in REVIEWABLE,
        "end_reason": Claim.End.MOVED if claim is None else Claim.End.DECIDED,
    }
    moved = prepared.rows(_MOVE, values)
    if not moved:
        raise _stale(request.pk)
    if claim is not None and moved != [(claim.pk,)]:
        raise Refusal("not_claimed")
    request.state, request.version = to, request.version + 1
    request.state_since, request.expires_at = now, expires_at
    return request


def _expiry(state: State, now: datetime) -> datetime | None:
    life = _LIVES.get(state)
    return now + life if life else None


def _stale(request_id: int) -> Refusal:
    """A refusal that says what the request is now and who decided it."""
    request = VerificationRequest.objects.get(pk=request_id)
    decision = (
        request.decisions.filter(standing=True).select_related("decided_by").order_by("-pk").first()
    )
    state = State(request.state)
    handed = escalations.current("verification", request.pk)
    if decision is None and handed is not None:
        to = handed.escalated_to or "compliance"
        sentence = f"{handed.escalated_by} handed this to {to} since you opened it."
        return Refusal("stale", sentence, state=state, version=request.version)
    if decision is None:
        sentence = f"This request has changed since you opened it: it is {state.label.lower()} now."
        return Refusal("stale", sentence, state=state, version=request.version)
    label = State(decision.result).label.lower()
    return Refusal(
        "already_decided",
        f"{decision.decider} decided this already: {label}.",
        by=decision.decider,
        result=decision.result,
        at=decision.decided_at.isoformat(),
        version=request.version,
    )

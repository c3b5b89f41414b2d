"""A moderator hands a request on: to a named person, or to compliance."""

from typing import Any

from django.db import transaction

from compliance.members.roster import subject_of
from compliance.verification.claims import held_claim
from compliance.verification.errors import Refusal
from compliance.verification.models import Claim, Escalation, VerificationRequest
from compliance.verification.states import State
from compliance.verification.transitions import move
from monitoring.audit import trail


@transaction.atomic
def escalate(
    request_id: int, *, moderator: Any, version: int, note: str, to: Any = None
) -> Escalation:
    """Hand a claimed request on, with words why; without `to` it goes to compliance.

    The review clock goes on. Refusals: not_claimed, reason_missing, stale, already_there,
    own_request (it can't be handed to the member whose it is), not_allowed (to oneself, or to
    who may not decide).
    """
    if not note.strip():
        raise Refusal("reason_missing", "Say what the other person should look at.")
    claim = held_claim(request_id, moderator)
    request = VerificationRequest.objects.select_for_update().get(pk=request_id)
    if to is not None:
        if to.pk == moderator.pk or not to.has_perm("verification.decide"):
            raise Refusal("not_allowed", "Hand it to somebody else who may decide.")
        if to.discord_id is not None and to.discord_id == request.member_id:
            raise Refusal("own_request", "That is their own request.")
    move(request, State.ESCALATED, version=version)
    Claim.objects.filter(pk=claim.pk, ended_at__isnull=True).update(
        ended_at=request.state_since, end_reason=Claim.End.MOVED
    )
    row = Escalation.objects.create(
        request=request, escalated_by=moderator, escalated_to=to, note=note.strip()[:500]
    )
    trail.record(
        "verification.escalated",
        actor=moderator,
        subject_id=subject_of(request.member_id),
        target=request,
        data={"escalation": row.pk, "to": to.pk if to is not None else "compliance"},
    )
    return row

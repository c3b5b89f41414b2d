"""A moderator hands a request on: to a named person, or to compliance. It can be taken back."""

from django.db import transaction
from django.utils import timezone

from compliance.desk import escalations, relations
from compliance.desk.models import Claim, Escalation
from compliance.members.roster import subject_of
from compliance.refusals import Refusal
from compliance.verification import claims
from compliance.verification.claims import CLAIMS, KIND, held_claim
from compliance.verification.models import VerificationRequest
from compliance.verification.states import State
from compliance.verification.transitions import move, take_back
from monitoring.audit import trail
from monitoring.people import Person


@transaction.atomic
def escalate(
    request_id: int, *, moderator: Person, version: int, note: str, to: Person | None = None
) -> Escalation:
    """Hand a claimed request on, with words why; without `to` it goes to compliance.

    The review clock goes on. Refusals: not_claimed, reason_missing, stale, already_there,
    own_request (one's own; nor can it be handed to the member who made it), not_allowed (to
    oneself, or to somebody who may not decide).
    """
    if not note.strip():
        raise Refusal("reason_missing", "Say what the other person should look at.")
    claim = held_claim(request_id, moderator)
    request = VerificationRequest.objects.select_for_update().get(pk=request_id)
    escalations.check(
        to,
        by=moderator,
        right=KIND.work,
        member_id=request.member_id,
        sentence="That is their own request.",
    )
    move(request, State.ESCALATED, version=version)
    Claim.objects.filter(pk=claim.pk, ended_at__isnull=True).update(
        ended_at=request.state_since, end_reason=Claim.End.MOVED
    )
    row = escalations.write(KIND.name, request_id, by=moderator, to=to, note=note)
    trail.record(
        "verification.escalated",
        actor=moderator,
        subject_id=subject_of(request.member_id),
        target=request,
        data={"escalation": row.pk, "to": to.pk if to is not None else "compliance"},
    )
    return row


@transaction.atomic
def undo(escalation_id: int, *, moderator: Person) -> VerificationRequest:
    """Take one's own escalation back within its window; the request is claimed again.

    Refusals: unknown, not_allowed, own_request, already_there, and
    undo_over, also when somebody works on it or has decided it.
    """
    found = Escalation.objects.filter(pk=escalation_id, item__kind=KIND.name)
    request_id = found.values_list("item__subject", flat=True).first()
    if request_id is None:
        raise Refusal("unknown", "There is no such escalation.")
    request = VerificationRequest.objects.select_for_update().get(pk=request_id)
    row = Escalation.objects.get(pk=escalation_id)
    if row.escalated_by_id != moderator.pk:
        raise Refusal("not_allowed", "Only whoever handed it on can take it back.")
    relations.check(moderator, member_id=request.member_id)
    if row.undone_at is not None:
        raise Refusal("already_there")
    if row.undo_until is None or row.undo_until <= timezone.now():
        raise Refusal("undo_over", "The time to undo is over.")
    if escalations.current(KIND.name, request.pk) != row:
        raise Refusal("undo_over", "It has gone on since; it can't be taken back.")
    if held := claims.running_claim(request.pk):
        raise Refusal("undo_over", f"{held.moderator} is working on it already.")
    row.undone_at = timezone.now()
    row.save(update_fields=["undone_at"])
    request = take_back(request, State.PENDING)
    # What is left of an ended lease goes too.
    CLAIMS.end_all(request.pk, Claim.End.LEASE_ENDED, at=request.state_since)
    claims.give(request.pk, moderator)
    trail.record(
        "verification.undone",
        actor=moderator,
        subject_id=subject_of(request.member_id),
        target=request,
        data={"escalation": row.pk, "result": State.ESCALATED},
    )
    return request

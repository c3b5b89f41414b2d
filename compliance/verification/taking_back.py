"""The author of a decision takes it back within its undo window."""

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from compliance.desk import relations
from compliance.effects import outbox
from compliance.effects.kinds import role
from compliance.members.roster import subject_of
from compliance.refusals import Refusal
from compliance.verification import claims, writing
from compliance.verification.models import Decision, VerificationRequest
from compliance.verification.signals import decision_undone
from compliance.verification.states import State
from compliance.verification.transitions import take_back
from compliance.verification.writing import VERIFIED
from monitoring.audit import trail
from monitoring.people import Person


def undo(decision_id: int, *, moderator: Person) -> VerificationRequest:
    """Take one's own decision back within its window; the request is claimed again.

    Nothing of it has happened in Discord by then. An override that is taken back lets the
    decision before it stand again. Refusals: own_request, undo_over, already_there, not_allowed.
    """
    with transaction.atomic():
        decision = (
            Decision.objects.select_for_update(of=("self",))
            .select_related("request", "claim")
            .get(pk=decision_id)
        )
        if decision.decided_by_id != moderator.pk:
            raise Refusal("not_allowed", "Only its author can undo a decision.")
        relations.check(moderator, member_id=decision.request.member_id)
        undone = Decision.objects.filter(
            pk=decision_id, standing=True, undo_until__gt=Now()
        ).update(standing=False, undone_at=Now())
        if not undone:
            raise Refusal("already_there" if decision.undone_at else "undo_over")
        if decision.request.state != decision.result:
            raise Refusal("undo_over", "The member has gone on since; it can't be undone.")
        try:
            outbox.withdraw(writing.cause_of(decision))
        except outbox.Delivered:
            raise Refusal("undo_over") from None
        request = take_back(decision.request, State(decision.state_before))
        if decision.overrides_id is None:
            claims.give(request.pk, moderator)
            if decision.result == State.APPROVED:
                _restore_earlier_wish(decision, request.member_id)
        else:
            _restore_overridden(decision, request)
        trail.record(
            "verification.undone",
            actor=moderator,
            subject_id=subject_of(request.member_id),
            target=request,
            data={"decision": decision.pk, "result": decision.result},
        )
        decision_undone.send(sender=Decision, decision=decision, request=request)
    return request


def _restore_overridden(override: Decision, request: VerificationRequest) -> None:
    """Let the decision before an override stand again, and want what it says.

    The override's wish had superseded the earlier role, delivered or not, so it is wanted anew;
    the earlier message only if it had not been sent.
    """
    before = Decision.objects.select_related("request__member").get(overridden_by=override)
    Decision.objects.filter(pk=before.pk).update(standing=True)
    role.want(
        request.member_id,
        VERIFIED,
        request.state == State.APPROVED,
        cause=f"undo:{override.pk}",
        not_before=timezone.now(),
    )
    message = writing.message_of(before, request.member_id)
    outbox.lock([message.key])
    if outbox.is_unsaid(message, by=writing.cause_of(before)):
        outbox.want([message], cause=f"undo:{override.pk}", not_before=timezone.now())


def _restore_earlier_wish(approval: Decision, member_id: int) -> None:
    """The role is to be away, as before: a wish for that may have been open when we approved.

    It was superseded, and so taken from the list of what failed.
    """
    cause = writing.cause_of(approval)
    if outbox.is_known(role.wish(member_id, VERIFIED, False), but_by=cause):
        role.want(
            member_id, VERIFIED, False, cause=f"undo:{approval.pk}", not_before=timezone.now()
        )

"""Compliance reverses a decision by a new one."""

from django.db import models, transaction
from django.utils import timezone

from compliance.desk import relations
from compliance.refusals import Refusal
from compliance.verification import writing
from compliance.verification.models import Decision, VerificationRequest
from compliance.verification.signals import decision_overridden, override_wanted
from compliance.verification.states import DECIDED, DenyReason, State
from compliance.verification.transitions import move
from monitoring.people import Person


def override(
    request_id: int,
    *,
    staff: Person,
    version: int,
    result: str,
    reason: str,
    note: str,
    settles: models.Model | None = None,
) -> Decision:
    """Reverse a decision by a new one, by somebody else than its author, with words why.

    A second review that waits is over with it; while reviewers are in dispute only the one who
    settles that may override. Refusals: own_decision, own_request, disputed, reason_missing,
    stale, already_there, and not_allowed, also while its author can still undo it.
    """
    if not note.strip() or (result == State.DENIED and reason not in DenyReason.values):
        raise Refusal("reason_missing")
    with transaction.atomic():
        request = VerificationRequest.objects.select_related("member").get(pk=request_id)
        if VerificationRequest.objects.filter(member=request.member, pk__gt=request.pk).exists():
            raise Refusal("not_allowed", "The member has asked again since; decide that request.")
        before = request.decisions.select_for_update().filter(standing=True).order_by("-pk").first()
        if before is None or request.state not in DECIDED:
            raise Refusal("not_allowed")
        if request.member.made_up:
            raise Refusal("not_allowed", "This was a practice case; nothing hangs on it.")
        relations.check(staff, member_id=request.member_id)
        override_wanted.send(sender=Decision, request=request, settles=settles)
        relations.check(staff, member_id=request.member_id, authors=[before.decided_by_id])
        if before.undo_until > timezone.now():
            raise Refusal("not_allowed", "Its author can still undo it; wait some seconds.")
        state_before = State(request.state)
        move(request, State(result), version=version, override=True)
        Decision.objects.filter(pk=before.pk).update(standing=False)
        decision = writing.write(
            request, state_before, version, State(result), staff, None, None,
            reason if result == State.DENIED else "", note, before,
        )  # fmt: skip
        writing.want_effects(decision, request, was_approved=state_before == State.APPROVED)
        writing.record(decision, request, "verification.overridden", staff)
        decision_overridden.send(sender=Decision, decision=decision, request=request)
    return decision

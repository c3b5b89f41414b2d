"""What time does to requests: expires what waited too long, counts what is final.

The sweep (desk/sweeping.py) calls this every few seconds.
"""

from django.db.models.functions import Now
from django.utils import timezone

from compliance.effects.kinds import message
from compliance.members.roster import subject_of
from compliance.refusals import Refusal
from compliance.verification import expiry, messages
from compliance.verification.metrics import count, review_seconds
from compliance.verification.models import Decision, VerificationRequest
from compliance.verification.states import AWAITS_MEMBER, State
from compliance.verification.transitions import move
from monitoring.audit import trail

BATCH = 200


def expire() -> int:
    """End what its member did not go on with."""
    over = VerificationRequest.objects.filter(
        state__in=AWAITS_MEMBER, expires_at__lte=Now()
    ).order_by("expires_at")[:BATCH]
    return sum(_expire_one(request) for request in over)


def _expire_one(request: VerificationRequest) -> bool:
    try:
        expiry.expire(request)
    except Refusal:
        return False  # the member was faster
    return True


def count_decisions() -> int:
    """Count what can't be undone any more: a decision that was taken back never was one."""
    counted = 0
    final = Decision.objects.filter(
        counted_at__isnull=True, undone_at__isnull=True, undo_until__lte=Now()
    ).select_related("request__member")
    for decision in final.order_by("undo_until")[:BATCH]:
        ours = Decision.objects.filter(pk=decision.pk, counted_at__isnull=True)
        if not ours.update(counted_at=Now()):
            continue  # another worker's sweep was faster
        if decision.request.member.made_up:
            continue  # a practice case
        count(decision.result, decision.method)
        submitted_at = decision.request.submitted_at
        if submitted_at is not None and _is_a_review(decision):
            took = (decision.decided_at - submitted_at).total_seconds()
            review_seconds.observe(took, method=decision.method)
        counted += 1
    return counted


def _is_a_review(decision: Decision) -> bool:
    """A first decision of a person; the provider's own ones would make people look fast."""
    return decision.overrides_id is None and decision.decided_by_id is not None


def back_to_member(request: VerificationRequest, told: str) -> None:
    """What was sent is gone undecided; the member is told to send it again."""
    move(request, State.EVIDENCE_EXPIRED, version=request.version)
    if not request.member.made_up:
        message.want(
            request.member_id,
            messages.ABOUT,
            told,
            cause=f"evidence_expired:{request.pk}:{request.version}",
            not_before=timezone.now(),
        )
    _record(request, "verification.evidence_expired")


def _record(request: VerificationRequest, action: str) -> None:
    trail.record(action, subject_id=subject_of(request.member_id), target=request)

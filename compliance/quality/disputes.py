"""Two reviewers disagreed: a third person says which decision stands."""

from django.db import transaction
from django.utils import timezone

from compliance.desk import relations
from compliance.desk.models import Claim
from compliance.members.roster import subject_of
from compliance.quality.dispute_claims import CLAIMS
from compliance.quality.models import Dispute
from compliance.refusals import Refusal
from compliance.verification import overriding
from compliance.verification.models import Decision, VerificationRequest
from compliance.verification.states import DECIDED
from monitoring.audit import trail
from monitoring.people import Person


def may_settle(dispute: Dispute, staff: Person) -> Refusal | None:
    """Why this person may not settle it: own_decision (one of the two), own_request."""
    return relations.why_not(
        staff,
        member_id=dispute.review.request.member_id,
        authors=[dispute.first_by_id, dispute.second_by_id],
        sentence="Somebody who is neither of the two reviewers decides.",
    )


def can_override(dispute: Dispute) -> bool:
    """Whether the second answer can still take the first one's place."""
    review, request = dispute.review, dispute.review.request
    newer = VerificationRequest.objects.filter(member_id=request.member_id, pk__gt=request.pk)
    return (
        request.state in DECIDED
        and review.answer in DECIDED
        and review.answer != request.state
        and not newer.exists()
    )


@transaction.atomic
def keep(dispute_id: int, *, staff: Person, note: str) -> Dispute:
    """The first decision stands, with words why.

    Refusals: already_there, own_decision, own_request, reason_missing.
    """
    dispute = _take(dispute_id, staff, note)
    return _settle(dispute, staff, Dispute.Resolution.KEEP, note, None)


@transaction.atomic
def override(dispute_id: int, *, staff: Person, note: str) -> Dispute:
    """Decide as the second reviewer says, by an override; the member reads the words.

    Refusals: as keep(), and not_allowed where nothing can be overridden any more.
    """
    dispute = _take(dispute_id, staff, note)
    if not can_override(dispute):
        raise Refusal("not_allowed", "This can't be overridden any more; keep it, with words why.")
    review = dispute.review
    decision = overriding.override(
        review.request_id,
        staff=staff,
        version=review.request.version,
        result=review.answer,
        reason=review.reason,
        note=note,
        settles=dispute,
    )
    return _settle(dispute, staff, Dispute.Resolution.OVERRIDE, note, decision)


def _take(dispute_id: int, staff: Person, note: str) -> Dispute:
    """The dispute, held. An undo of its override holds that decision first, and then this."""
    dispute = (
        Dispute.objects.select_for_update(of=("self",))
        .select_related("review__request", "review__decision")
        .filter(pk=dispute_id)
        .first()
    )
    if dispute is None:
        raise Refusal("unknown", "There is no such dispute.")
    if dispute.resolution:
        who = f"{dispute.resolved_by}: {dispute.get_resolution_display().lower()}."
        raise Refusal("already_there", f"Settled already by {who}")
    if refusal := may_settle(dispute, staff):
        raise refusal
    if not note.strip():
        raise Refusal("reason_missing")
    CLAIMS.refuse_other(dispute_id, staff)
    return dispute


def _settle(
    dispute: Dispute, staff: Person, resolution: str, note: str, decision: Decision | None
) -> Dispute:
    dispute.resolution, dispute.note = resolution, note.strip()[:500]
    dispute.resolved_by, dispute.resolved_at, dispute.decision = staff, timezone.now(), decision
    dispute.save(update_fields=["resolution", "note", "resolved_by", "resolved_at", "decision"])
    CLAIMS.end_all(dispute.pk, Claim.End.DECIDED)
    request = dispute.review.request
    trail.record(
        "second_review.settled",
        actor=staff,
        subject_id=subject_of(request.member_id),
        target=dispute.review,
        data={
            "dispute": dispute.pk,
            "resolution": resolution,
            "decision": decision.pk if decision is not None else None,
        },
    )
    return dispute

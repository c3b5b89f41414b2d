"""What was written about the decisions of one request, by whom and when."""

from dataclasses import dataclass
from datetime import datetime

from compliance.desk.models import Escalation
from compliance.quality.models import SecondReview
from compliance.verification.claims import KIND
from compliance.verification.models import Decision, VerificationRequest
from monitoring.people import Person


@dataclass(frozen=True)
class Note:
    """One act and its words; `words` is "" where nothing was written."""

    at: datetime
    by: Person | None  # a member of staff; None where no person decided
    act: str
    words: str


def of(request: VerificationRequest) -> list[Note]:
    """Everything that was decided or asked about a request, the oldest first.

    It tells the first decision: not for whoever may yet do the blind second review.
    """
    found = [_of_decision(one) for one in request.decisions.select_related("decided_by")]
    found += [
        Note(one.escalated_at, one.escalated_by, _act("Escalated", one.undone_at), one.note)
        for one in Escalation.objects.on(KIND.name, request.pk).select_related("escalated_by")
    ]
    review = (
        SecondReview.objects.filter(request=request, answered_at__isnull=False)
        .select_related("answered_by", "dispute__resolved_by")
        .first()
    )
    if review is not None:
        found += _of_review(review)
    return sorted(found, key=lambda note: note.at)


def _of_decision(decision: Decision) -> Note:
    act = str(decision.get_result_display())
    if decision.reason:
        act = f"{act}: {decision.get_reason_display().lower()}"
    act = _act(act, decision.undone_at)
    return Note(decision.decided_at, decision.decided_by, act, decision.note)


def _act(name: str, undone_at: datetime | None) -> str:
    return f"{name} (undone)" if undone_at is not None else name


def _of_review(review: SecondReview) -> list[Note]:
    answer = str(review.get_answer_display())
    if review.reason:
        answer = f"{answer}: {review.get_reason_display().lower()}"
    assert review.answered_at is not None  # only answered ones are read
    found = [Note(review.answered_at, review.answered_by, f"Second review: {answer}", review.note)]
    dispute = getattr(review, "dispute", None)
    if dispute is not None and dispute.resolved_at is not None:
        act = f"Dispute settled: {dispute.get_resolution_display().lower()}"
        found.append(Note(dispute.resolved_at, dispute.resolved_by, act, dispute.note))
    return found

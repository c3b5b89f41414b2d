"""A blind second look: drawn when a request is first sent, due when its decision is final.

Rows are taken request first, then the review, its claim and the pictures.
"""

import secrets

from django.db import transaction
from django.db.models import Exists, Min, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from compliance import policy
from compliance.desk.models import Claim
from compliance.evidence import custody, watermark
from compliance.evidence.models import Evidence
from compliance.members.roster import subject_of
from compliance.quality import second_claims
from compliance.quality.metrics import count_second_review
from compliance.quality.models import Dispute, SecondReview, SecondReviewQuerySet
from compliance.quality.second_claims import CLAIMS
from compliance.refusals import Refusal
from compliance.verification.models import Decision, VerificationRequest
from compliance.verification.states import DECIDED, DenyReason, State
from monitoring.audit import trail
from monitoring.people import Person

ANSWERS = (State.APPROVED, State.DENIED, State.MORE_REQUESTED)
BATCH = 200
_DRAWS = 1_000_000
_OVER = (State.WITHDRAWN, State.EXPIRED)


def draw(request: VerificationRequest, *, first: bool) -> None:
    """Settle by lot whether a request that is sent for the first time is looked at twice.

    Sent again, a drawn one that nobody has looked at a second time waits for its next first
    decision. Written down nowhere else: nobody can tell before the decision is final.
    """
    if not first:
        _start_over(request)
    elif not request.member.made_up and secrets.randbelow(_DRAWS) < (
        policy.SECOND_REVIEW_SHARE * _DRAWS
    ):
        SecondReview.objects.create(request=request)


def for_moderator(moderator: Person) -> SecondReviewQuerySet:
    """Due reviews that this person may do, the oldest first: neither their own decision nor
    their own request."""
    found = SecondReview.objects.due().exclude(first_by=moderator)
    if moderator.discord_id is not None:
        found = found.exclude(request__member_id=moderator.discord_id)
    return found.order_by("due_at", "id")


def is_blind(request_id: int, moderator: Person) -> bool:
    """Whether the decision must stay hidden from this person, who may yet answer."""
    if not moderator.has_perm("verification.decide"):
        return False
    return for_moderator(moderator).filter(request_id=request_id).exists()


def hidden_members(moderator: Person) -> frozenset[int]:
    """Members of whom this person must not learn for now what was decided."""
    if not moderator.has_perm("verification.decide"):
        return frozenset()
    return frozenset(for_moderator(moderator).values_list("request__member_id", flat=True))


def reveal(review_id: int, position: int, moderator: Person) -> bytes:
    """The JPEG, for the one who holds the claim, marked with their name and the time.

    Each look is an audit entry, written before the picture is sent. Refusals: not_claimed,
    evidence_gone, store_failed.
    """
    claim = second_claims.held(review_id, moderator)
    review = SecondReview.objects.select_related("request").get(pk=review_id)
    request = review.request
    picture, content = custody.unlock(request.pk, position)
    marked = watermark.mark(content, moderator, timezone.now())
    with transaction.atomic():
        claim = second_claims.held(review_id, moderator)
        Claim.objects.filter(pk=claim.pk, revealed_at=None).update(revealed_at=Now())
        trail.record(
            "second_review.revealed",
            actor=moderator,
            subject_id=subject_of(request.member_id),
            target=review,
            data={"evidence": str(picture.id), "position": position, "claim": claim.pk},
        )
    return marked


def check(
    review_id: int, *, moderator: Person, answer: str, reason: str = "", note: str = ""
) -> None:
    """Whether answer() would take it now. Refusals: the same."""
    _check(answer, reason, note)
    review = SecondReview.objects.filter(pk=review_id).first()
    if review is None:
        raise Refusal("unknown", "There is no such second review.")
    _check_seen(review, moderator)


@transaction.atomic
def answer(
    review_id: int, *, moderator: Person, answer: str, reason: str = "", note: str = ""
) -> SecondReview:
    """Say what one would have decided. The pictures are destroyed; disagreement opens a dispute.

    Refusals: not_claimed, not_revealed, evidence_gone, reason_missing (a denial without one,
    `other` or "not enough" without words), already_there.
    """
    _check(answer, reason, note)
    found = SecondReview.objects.filter(pk=review_id).first()
    if found is None:
        raise Refusal("unknown", "There is no such second review.")
    request = VerificationRequest.objects.select_for_update().get(pk=found.request_id)
    review = SecondReview.objects.select_for_update(of=("self",)).get(pk=review_id)
    _check_seen(review, moderator)
    assert review.decision is not None and review.first_by is not None
    agreed = review.decision.result == answer
    review.answered_by, review.answered_at = moderator, timezone.now()
    review.answer, review.note = answer, note.strip()[:500]
    review.reason = reason if answer == State.DENIED else ""
    _close(
        review,
        SecondReview.Outcome.AGREED if agreed else SecondReview.Outcome.DISAGREED,
        Claim.End.DECIDED,
        "answered_by", "answered_at", "answer", "note", "reason",
    )  # fmt: skip
    custody.destroy_soon(request, Evidence.Cause.REVIEWED)
    if not agreed:
        Dispute.objects.create(review=review, first_by=review.first_by, second_by=moderator)
    trail.record(
        "second_review.answered",
        actor=moderator,
        subject_id=subject_of(request.member_id),
        target=review,
        data={
            "request": request.pk,
            "decision": review.decision_id,
            "answer": review.answer,
            "reason": review.reason,
            "agreed": agreed,
        },
    )
    return review


def void(request: VerificationRequest) -> None:
    """There is nothing left to compare (overridden, withdrawn). Hold the request's row."""
    review = SecondReview.objects.unanswered().filter(request=request).first()
    if review is not None:
        _end(review, request, SecondReview.Outcome.VOID)


def sweep() -> int:
    """Make due what is final, and end what can't be answered any more. Returns how many."""
    newest = Decision.objects.filter(request=OuterRef("request"), standing=True)
    final = newest.filter(undo_until__lte=Now())
    waiting = SecondReview.objects.unanswered().filter(due_at__isnull=True)
    moved = 0
    for review in waiting.filter(Exists(final)).order_by("pk")[:BATCH]:
        moved += _make_due(review.pk, review.request_id)
    over = waiting.filter(request__state__in=_OVER).order_by("pk")[:BATCH]
    unseen = (
        SecondReview.objects.due()
        .exclude(Exists(Evidence.objects.filter(
            request=OuterRef("request"),
            position__lt=100,
            destroyed_at__isnull=True,
            destroy_at__gt=Now(),
        )))
        .order_by("due_at")[:BATCH]
    )  # fmt: skip
    for review in (*over, *unseen):
        moved += _end_unanswered(review.pk, review.request_id)
    return moved


@transaction.atomic
def _make_due(review_id: int, request_id: int) -> bool:
    """Waits for nobody: what an undo or a decision holds comes with the next sweep."""
    decision = (
        Decision.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(request_id=request_id, standing=True, undo_until__lte=Now())
        .first()
    )
    request = (
        VerificationRequest.objects.select_for_update(skip_locked=True)
        .filter(pk=request_id, state__in=[*DECIDED, State.MORE_REQUESTED])
        .first()
    )
    review = (
        SecondReview.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(pk=review_id, outcome="", due_at__isnull=True)
        .first()
    )
    if decision is None or request is None or review is None:
        return False
    if decision.decided_by is None or not custody.living(request_id).exists():
        _end(review, request, _why_unanswered(request))
        return True
    now = timezone.now()
    review.decision, review.first_by, review.due_at = decision, decision.decided_by, now
    destroyed = custody.living(request_id).aggregate(at=Min("destroy_at"))["at"]
    review.answer_by = min(now + policy.SECOND_REVIEW_DUE, destroyed)
    review.save(update_fields=["decision", "first_by", "due_at", "answer_by"])
    trail.record(
        "second_review.due",
        subject_id=subject_of(request.member_id),
        target=review,
        data={"request": request.pk},
    )
    return True


@transaction.atomic
def _end_unanswered(review_id: int, request_id: int) -> bool:
    request = VerificationRequest.objects.select_for_update().filter(pk=request_id).first()
    review = (
        SecondReview.objects.unanswered()
        .select_for_update(of=("self",))
        .filter(pk=review_id)
        .first()
    )
    if request is None or review is None:
        return False
    if review.due_at is not None and custody.living(request_id).exists():
        return False  # undone and sent again meanwhile
    _end(review, request, _why_unanswered(request))
    return True


def _why_unanswered(request: VerificationRequest) -> SecondReview.Outcome:
    """Expired when time destroyed the pictures; void when something else did."""
    newest = request.evidence.order_by("-stored_at", "-position").first()
    if newest is not None and newest.destroy_cause == Evidence.Cause.EXPIRED:
        return SecondReview.Outcome.EXPIRED
    return SecondReview.Outcome.VOID


def _end(review: SecondReview, request: VerificationRequest, outcome: SecondReview.Outcome) -> None:
    was_due = review.due_at is not None
    _close(review, outcome, Claim.End.MOVED)
    if request.state in (*DECIDED, *_OVER, State.MORE_REQUESTED):
        custody.destroy_soon(request, Evidence.Cause.DECIDED)
    if was_due:
        trail.record(
            "second_review.ended",
            subject_id=subject_of(request.member_id),
            target=review,
            data={"request": request.pk, "outcome": outcome},
        )


def _close(
    review: SecondReview, outcome: SecondReview.Outcome, claim_end: str, *changed: str
) -> None:
    review.outcome, review.closed_at = outcome, timezone.now()
    review.save(update_fields=["outcome", "closed_at", *changed])
    CLAIMS.end_all(review.pk, claim_end)
    if review.due_at is not None and outcome != SecondReview.Outcome.VOID:
        count_second_review(outcome)


def _start_over(request: VerificationRequest) -> None:
    review = SecondReview.objects.due().filter(request=request).first()
    if review is not None:
        review.decision = review.first_by = review.due_at = review.answer_by = None
        review.save(update_fields=["decision", "first_by", "due_at", "answer_by"])
        CLAIMS.end_all(review.pk, Claim.End.MOVED)


def _check_seen(review: SecondReview, moderator: Person) -> None:
    if review.outcome or review.due_at is None:
        raise Refusal("already_there", "This second review is over; nothing was changed.")
    claim = second_claims.held(review.pk, moderator)
    if not custody.living(review.request_id).exists():
        raise Refusal("evidence_gone")
    if claim.revealed_at is None:
        raise Refusal("not_revealed")


def _check(answer: str, reason: str, note: str) -> None:
    if answer not in ANSWERS:
        raise Refusal("not_allowed", "Answer approved, denied or not enough.")
    if answer == State.DENIED and reason not in DenyReason.values:
        raise Refusal("reason_missing")
    needs_words = answer == State.MORE_REQUESTED or reason == DenyReason.OTHER
    if needs_words and not note.strip():
        raise Refusal("reason_missing")

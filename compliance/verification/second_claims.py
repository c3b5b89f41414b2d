"""Who works on a second review: a row with a lease, by the rules of claims.py."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from compliance import policy
from compliance.verification import evidence
from compliance.verification.errors import Refusal
from compliance.verification.leases import end, held_by
from compliance.verification.quality_models import SecondReview, SecondReviewClaim
from monitoring.audit import trail


def claim(review_id: int, moderator: Any) -> SecondReviewClaim:
    """Take a due review; the holder's own claim is renewed instead.

    Refusals: not_reviewable, own_decision, own_request, evidence_gone, claimed_by_other
    (details: by, until).
    """
    review = SecondReview.objects.select_related("request").due().filter(pk=review_id).first()
    if review is None:
        raise Refusal("not_reviewable", "This second review is over.")
    if review.first_by_id == moderator.pk:
        raise Refusal("own_decision", "Somebody else has to look a second time.")
    if moderator.discord_id is not None and moderator.discord_id == review.request.member_id:
        raise Refusal("own_request")
    if not evidence.living(review.request_id).exists():
        raise Refusal("evidence_gone")
    if renewed := renew(review_id, moderator):
        return renewed
    try:
        with transaction.atomic():
            _open(review_id).filter(expires_at__lte=Now()).update(
                ended_at=Now(), end_reason=SecondReviewClaim.End.LEASE_ENDED
            )
            row = SecondReviewClaim.objects.create(
                review=review,
                moderator=moderator,
                expires_at=timezone.now() + policy.CLAIM_LEASE,
            )
            trail.record(
                "second_review.claimed", actor=moderator, target=review, data={"claim": row.pk}
            )
    except IntegrityError:
        raise _held_by_other(review_id) from None
    return row


def renew(review_id: int, moderator: Any) -> SecondReviewClaim | None:
    """Lengthen the holder's lease to its full time; None when they hold none."""
    _running(review_id).filter(moderator=moderator).update(
        expires_at=timezone.now() + policy.CLAIM_LEASE
    )
    return _running(review_id).filter(moderator=moderator).first()


def held(review_id: int, moderator: Any) -> SecondReviewClaim:
    """The moderator's own running claim. Refusal not_claimed."""
    row = (
        _running(review_id)
        .select_related("review__request")
        .filter(moderator=moderator, review__outcome="", review__due_at__isnull=False)
        .first()
    )
    if row is None:
        raise Refusal("not_claimed", "Claim the review first; your claim may have ended.")
    return row


@transaction.atomic
def release(review_id: int, moderator: Any, reason: str = SecondReviewClaim.End.RELEASED) -> bool:
    """Give a review back. False when the moderator held no claim."""
    row = _open(review_id).filter(moderator=moderator).first()
    if row is None or not end(row, reason):
        return False
    trail.record(
        "second_review.released",
        actor=moderator,
        target=row.review,
        data={"claim": row.pk, "reason": reason},
    )
    return True


def release_all(moderator: Any) -> int:
    """Give everything back, as at sign-out."""
    mine = SecondReviewClaim.objects.filter(moderator=moderator, ended_at__isnull=True)
    return sum(
        release(review_id, moderator, SecondReviewClaim.End.SIGNED_OUT)
        for review_id in mine.values_list("review_id", flat=True)
    )


def end_leases(limit: int) -> int:
    """End claims whose lease is over; returns how many."""
    over = SecondReviewClaim.objects.filter(ended_at__isnull=True, expires_at__lte=Now())
    return sum(end(row, SecondReviewClaim.End.LEASE_ENDED) for row in over[:limit])


def end_of(review: SecondReview, reason: str) -> None:
    """The review is over, and with it the claim on it."""
    _open(review.pk).update(ended_at=Now(), end_reason=reason)


def _open(review_id: int) -> QuerySet[SecondReviewClaim]:
    return SecondReviewClaim.objects.filter(review_id=review_id, ended_at__isnull=True)


def _running(review_id: int) -> QuerySet[SecondReviewClaim]:
    return _open(review_id).filter(expires_at__gt=Now())


def _held_by_other(review_id: int) -> Refusal:
    return held_by(_open(review_id).select_related("moderator").first())

"""An answer of a second review counts when it can't be taken back any more.

Until then it is compared with nothing: whoever takes it back has learned nothing.
"""

from django.db import transaction

from compliance.desk import holding
from compliance.desk.models import HeldAct
from compliance.quality import second_claims, second_reviews
from compliance.quality.models import SecondReview
from compliance.quality.second_claims import HELD
from compliance.refusals import Refusal
from monitoring.people import Person


@transaction.atomic
def give(
    review_id: int, *, moderator: Person, answer: str, reason: str = "", note: str = ""
) -> HeldAct:
    """Answer under one's claim, which goes on. Refusals as second_reviews.answer()."""
    second_reviews.check(review_id, moderator=moderator, answer=answer, reason=reason, note=note)
    claim = second_claims.keep(review_id, moderator)  # the same answer a second time waits here
    if review_id in second_claims.given_by(moderator):
        raise Refusal("already_there", "You have answered this already.")
    payload = {"review": review_id, "answer": answer, "reason": reason, "note": note}
    words = f"Answered second review {review_id}. Counts in"
    return holding.hold(
        HELD,
        by=moderator,
        subject=str(claim.pk),
        payload=payload,
        words=words,
    )


def undone(row: HeldAct) -> None:
    """The claim is as it was before the answer."""
    second_claims.keep_no_more(row.payload["review"], row.by)


def count(row: HeldAct) -> str:
    """What was held is due. Refusals as second_reviews.answer()."""
    what = row.payload
    review = second_reviews.answer(
        what["review"],
        moderator=row.by,
        answer=what["answer"],
        reason=what["reason"],
        note=what["note"],
    )
    name = f"Second review {review.pk}"
    if review.outcome == SecondReview.Outcome.AGREED:
        return f"{name}: you agree with the first decision."
    return f"{name}: the first decision was another one; compliance looks at both."

"""Who works on a second review: claims of the desk (desk/claims.py), of a blind kind."""

from compliance.desk import kinds
from compliance.desk.claims import Claims
from compliance.desk.models import HeldAct, WorkItem
from compliance.evidence import custody
from compliance.quality.models import SecondReview
from compliance.refusals import Refusal
from monitoring.people import Person

HELD = "second_review"  # as held acts are known


def given_by(moderator: Person) -> list[int]:
    """Reviews whose answer by this person can still be taken back, or is about to count."""
    held = HeldAct.objects.waiting().filter(by=moderator, kind=HELD)
    return list(held.values_list("payload__review", flat=True))


def _has_not_answered(review_id: int, person: Person) -> None:
    """Refusal already_there: their answer needs the claim until it counts."""
    if review_id in given_by(person):
        raise Refusal("already_there", "You have answered this. Take the answer back first.")


def _has_pictures(item: WorkItem, person: Person) -> None:
    """Refusal evidence_gone where nothing is left to look at."""
    request_id = SecondReview.objects.values_list("request_id", flat=True).get(pk=item.subject)
    if not custody.living(request_id).exists():
        raise Refusal("evidence_gone")


KIND = kinds.register(
    kinds.Kind(
        name="second_review",
        title="Second review",
        icon="eye-check",
        model="quality.SecondReview",
        audit="second_review",
        work="verification.decide",
        is_blind=True,
        author="Somebody else has to look a second time.",
        over="This second review is over.",
        not_held="Claim the review first; your claim may have ended.",
        check=_has_pictures,
        may_release=_has_not_answered,
    )
)
CLAIMS = Claims(KIND)
claim = CLAIMS.claim
renew = CLAIMS.renew
keep = CLAIMS.keep
keep_no_more = CLAIMS.keep_no_more
held = CLAIMS.held_claim
release = CLAIMS.release

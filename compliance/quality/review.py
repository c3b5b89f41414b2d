"""Second reviews and disputes in lists of all kinds."""

from collections.abc import Mapping, Sequence

from django.urls import reverse

from compliance.desk import showing
from compliance.desk.models import WorkItem
from compliance.quality import dispute_claims, second_claims
from compliance.quality.models import Dispute, SecondReview
from monitoring.people import Person


def second_reviews(items: Sequence[WorkItem], reader: Person) -> Mapping[int, showing.Facts]:
    """Neither whom they are about nor what was decided."""
    found = SecondReview.objects.filter(pk__in=[item.subject for item in items])
    given = set(second_claims.given_by(reader))
    return {pk: _of_review(pk, pk in given) for pk in found.values_list("pk", flat=True)}


def _of_review(pk: int, is_given: bool) -> showing.Facts:
    """Not the number of its request either, by which it could be looked up."""
    words = "Blind: the first decision stays hidden until you have made yours"
    if is_given:
        words = "Answered by you; it counts in some seconds"
    return showing.Facts(f"Second review {pk}", words)


def disputes(items: Sequence[WorkItem], reader: Person) -> Mapping[int, showing.Facts]:
    found = Dispute.objects.select_related(
        "first_by", "second_by", "review__decision", "review__request__member"
    ).in_bulk([item.subject for item in items])
    return {pk: _of_dispute(row) for pk, row in found.items()}


def _of_dispute(row: Dispute) -> showing.Facts:
    decision = row.review.decision
    first = str(decision.get_result_display()).lower() if decision is not None else "gone"
    second = str(row.review.get_answer_display()).lower()
    return showing.Facts(
        title=str(row.review.request.member),
        words=f"Two reviewers disagree: {first}, then {second}",
        lines=(("First", f"{row.first_by}: {first}"), ("Second", f"{row.second_by}: {second}")),
    )


showing.register(
    showing.Shown(
        claims=second_claims.CLAIMS,
        facts=second_reviews,
        address=lambda pk: reverse("second_review", args=[pk]),
        plural="Second reviews",
        one="second review",
        many="second reviews",
        position=20,
    )
)
showing.register(
    showing.Shown(
        claims=dispute_claims.CLAIMS,
        facts=disputes,
        address=lambda pk: f"{reverse('disputes')}?dispute={pk}",
        plural="Disputes",
        one="dispute",
        many="disputes",
        position=30,
    )
)

"""Who may take a request: anybody on review, but an escalated one is for whom it went to."""

from typing import Any

from django.db.models import Exists, OuterRef, Q

from compliance.verification.models import Escalation, RequestQuerySet, VerificationRequest
from compliance.verification.states import State


def current(request: VerificationRequest) -> Escalation | None:
    """The escalation that a request stands in; None when it is not escalated."""
    if request.state != State.ESCALATED:
        return None
    return (
        request.escalations.select_related("escalated_by", "escalated_to").order_by("-pk").first()
    )


def may_decide(request: VerificationRequest, moderator: Any) -> bool:
    """Whether this person may claim it: an escalated one is for whom it was handed to."""
    row = current(request)
    if row is None:
        return True
    if moderator.has_perm("verification.decide_escalated"):
        return True
    return bool(row.escalated_to_id == moderator.pk)


def handed_to(found: RequestQuerySet, moderator_id: int) -> RequestQuerySet:
    """Without those that were escalated to others than this person."""
    theirs = Escalation.objects.newest_of_each_request().filter(
        request=OuterRef("pk"), escalated_to=moderator_id
    )
    return found.filter(~Q(state=State.ESCALATED) | Exists(theirs))

"""What happens to a request while somebody has it open."""

from collections.abc import Mapping

from compliance.desk import escalations, watching
from compliance.desk.watching import Watched
from compliance.queue.items import Item
from compliance.verification.claims import CLAIMS
from compliance.verification.models import VerificationRequest
from compliance.verification.states import State
from monitoring.people import Person


def begin(found: Item, moderator: Person) -> Watched:
    """Look at what a page shows right now; its polls go on from here."""
    request = found.request
    return watching.begin(CLAIMS, request.pk, moderator, version=request.version, claim=found.claim)


def watch(request_id: int, moderator: Person, known: Mapping[str, str]) -> Watched | None:
    """Look, and tell what the page does not show yet, as desk/watching.py does."""
    request = VerificationRequest.objects.filter(pk=request_id).first()
    if request is None:
        return None
    return watching.watch(
        CLAIMS,
        request_id,
        moderator,
        known,
        version=request.version,
        what_became=lambda: what_became(request),
    )


def what_became(request: VerificationRequest) -> str:
    """Who decided what, who handed it on to whom, or what state it is in now."""
    state = State(request.state)
    decision = request.decisions.filter(standing=True).select_related("decided_by").last()
    if decision is not None and decision.result == state:
        return f"{decision.decider} decided this: {State(decision.result).label.lower()}."
    handed = escalations.current("verification", request.pk)
    if handed is not None:
        return f"{handed.escalated_by} handed this to {handed.escalated_to or 'compliance'}."
    return f"This request has changed: it is {state.label.lower()} now."

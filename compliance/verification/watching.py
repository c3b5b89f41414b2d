"""What happens to a request while somebody has it open: who else looks, who did what."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compliance.verification import assignment, presence
from compliance.verification.claims import running_claim
from compliance.verification.items import Item
from compliance.verification.models import VerificationRequest
from compliance.verification.states import State


@dataclass(frozen=True)
class Watched:
    """Ready to show. `happened` is "" while the request is as the page shows it."""

    others: list[str]
    happened: str
    version: int
    holder: int  # who holds the claim, 0 for nobody; as the page showed it
    mark: str  # of all this, to tell the next poll what is known


def begin(found: Item, moderator: Any) -> Watched:
    """Look at what a page shows right now; its polls go on from here."""
    others = presence.look(found.request.pk, moderator)
    holder = found.claim.moderator_id if found.claim else 0
    return Watched(others, "", found.request.version, holder, _mark(others, ""))


def watch(request_id: int, moderator: Any, known: Mapping[str, str]) -> Watched | None:
    """Look, and tell what the page does not show yet; None when it shows everything.

    `known` is what the page says of itself: version, holder (the moderator's number who held
    it, or 0) and mark.
    """
    request = VerificationRequest.objects.filter(pk=request_id).first()
    if request is None:
        return None
    others = presence.look(request_id, moderator)
    version, holder = _number(known, "version"), _number(known, "holder")
    if request.version != version:
        happened = what_became(request)
    else:
        happened = _of_its_claim(request, holder, moderator)
    mark = _mark(others, happened)
    if known.get("mark") == mark:
        return None
    return Watched(others, happened, version, holder, mark)


def _mark(others: list[str], happened: str) -> str:
    return hashlib.sha256(repr((others, happened)).encode()).hexdigest()[:12]


def _number(known: Mapping[str, str], name: str) -> int:
    text = known.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _of_its_claim(request: VerificationRequest, holder: int, moderator: Any) -> str:
    """In one sentence who works on it now, when that is not whom the page shows."""
    claim = running_claim(request.pk)
    if (claim.moderator_id if claim else 0) == holder:
        return ""
    if claim is None:
        return "Your claim has ended." if holder == moderator.pk else "Nobody works on this now."
    if holder == moderator.pk:
        return f"{claim.moderator} has it now."
    return f"{claim.moderator} is working on this."


def what_became(request: VerificationRequest) -> str:
    """Who decided what, who handed it on to whom, or what state it is in now."""
    state = State(request.state)
    decision = request.decisions.filter(standing=True).select_related("decided_by").last()
    if decision is not None and decision.result == state:
        who = str(decision.decided_by) if decision.decided_by else decision.actor_type
        return f"{who} decided this: {State(decision.result).label.lower()}."
    handed = assignment.current(request)
    if handed is not None:
        return f"{handed.escalated_by} handed this to {handed.escalated_to or 'compliance'}."
    return f"This request has changed: it is {state.label.lower()} now."

"""What happens to something while somebody has it open: who else looks, who did what."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from compliance.desk import presence
from compliance.desk.claims import Claims
from compliance.desk.models import Claim
from monitoring.people import Person
from monitoring.ui import params


@dataclass(frozen=True)
class Watched:
    """Ready to show. `happened` is "" while the thing is as the page shows it."""

    others: list[str]
    happened: str
    version: int
    holder: int  # who holds the claim, 0 for nobody; as the page showed it
    mark: str  # of all this, to tell the next poll what is known


def begin(
    claims: Claims, subject: int, moderator: Person, *, version: int, claim: Claim | None
) -> Watched:
    """Look at what a page shows right now; its polls go on from here."""
    others = presence.look(claims.kind.name, subject, moderator)
    return Watched(others, "", version, claim.moderator_id if claim else 0, _mark(others, ""))


def watch(
    claims: Claims,
    subject: int,
    moderator: Person,
    known: Mapping[str, str],
    *,
    version: int,
    what_became: Callable[[], str],
) -> Watched | None:
    """Look, and tell what the page does not show yet; None when it shows everything.

    `known` is what the page says of itself: version, holder (the moderator's number who held
    it, or 0) and mark. `what_became` says in a sentence what is new when the version is.
    """
    others = presence.look(claims.kind.name, subject, moderator)
    seen, holder = _number(known, "version"), _number(known, "holder")
    happened = (
        what_became() if version != seen else _of_its_claim(claims, subject, holder, moderator)
    )
    mark = _mark(others, happened)
    if known.get("mark") == mark:
        return None
    return Watched(others, happened, seen, holder, mark)


def _mark(others: list[str], happened: str) -> str:
    return hashlib.sha256(repr((others, happened)).encode()).hexdigest()[:12]


def _number(known: Mapping[str, str], name: str) -> int:
    return params.whole(known.get(name, ""), params.VERSION) or 0


def _of_its_claim(claims: Claims, subject: int, holder: int, moderator: Person) -> str:
    """In one sentence who works on it now, when that is not whom the page shows."""
    claim = claims.running_claim(subject)
    if (claim.moderator_id if claim else 0) in (holder, moderator.pk):
        return ""
    if claim is None:
        return "Your claim has ended." if holder == moderator.pk else "Nobody works on this now."
    if holder == moderator.pk:
        return f"{claim.moderator} has it now."
    return f"{claim.moderator} is working on this."

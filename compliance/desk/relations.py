"""Nobody decides what concerns themselves: the one place that says whether somebody may act.

Every act of staff on a request, a decision, a second review, a dispute or an appeal asks here;
triggers of the database hold the same for the rows that say who acted.
"""

from collections.abc import Collection

from compliance.refusals import Refusal
from monitoring.people import Person


def is_own(person: Person, member_id: int) -> bool:
    """Whether this staff member is that member. The Discord id tells."""
    return person.discord_id is not None and person.discord_id == member_id


def why_not(
    actor: Person,
    *,
    member_id: int,
    authors: Collection[int | None] = (),
    own: str = "own_request",
    sentence: str = "",
) -> Refusal | None:
    """Why this person may not act, because it concerns themselves; None when it doesn't.

    `member_id` is whom the item is about: the refusal has the code `own`. `authors` are the
    numbers of the staff who decided what is looked at again: own_decision, with `sentence`.
    """
    if is_own(actor, member_id):
        return Refusal(own)
    if actor.pk in authors:
        return Refusal("own_decision", sentence)
    return None


def check(
    actor: Person,
    *,
    member_id: int,
    authors: Collection[int | None] = (),
    own: str = "own_request",
    sentence: str = "",
) -> None:
    """The same as why_not(), raised."""
    refusal = why_not(actor, member_id=member_id, authors=authors, own=own, sentence=sentence)
    if refusal is not None:
        raise refusal

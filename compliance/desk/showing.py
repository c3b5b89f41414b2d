"""What a list of all kinds shows of an item: each room says it for its own, in its `review.py`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from compliance.desk.claims import Claims
from compliance.desk.models import Claim, WorkItem
from monitoring.people import Person

QUOTED = 80  # letters of a quote in a list


@dataclass(frozen=True)
class Facts:
    """What one item is, ready to show: never whom it is about where the kind is blind."""

    title: str  # "sage.fern", or "Second review 12"
    words: str  # "Photo ID, first request"
    lines: tuple[tuple[str, str], ...] = ()  # a name and a value each, for who looks closer
    quote: str = ""  # what a member wrote, where reading it is the work

    @property
    def in_short(self) -> str:
        """The words, and how the quote begins."""
        if not self.quote:
            return self.words
        beginning = self.quote if len(self.quote) <= QUOTED else f"{self.quote[:QUOTED]}…"
        return f"{self.words}: “{beginning}”"


@dataclass(frozen=True)
class Shown:
    """How a kind stands in a list of all kinds.

    `facts` answers for many items at once, by subject; what is gone meanwhile is left out.
    `address` is the page of one. `plural` is the name of many, `one` and `many` stand in
    sentences.
    """

    claims: Claims
    facts: Callable[[Sequence[WorkItem], Person], Mapping[int, Facts]]
    address: Callable[[int], str]
    plural: str
    one: str
    many: str
    position: int  # orders the kinds
    gives_signs: bool = False  # whether its page says that it is still there (claims.sign)


@dataclass(frozen=True)
class Held:
    """Who works on something, as its page shows it (desk/_held.html)."""

    claim: Claim | None
    mine: bool

    @property
    def by_other(self) -> bool:
        return self.claim is not None and not self.mine


def held(claims: Claims, subjects: Sequence[int], reader: Person) -> Mapping[int, Held]:
    """Who works on each of them now."""
    found = Claim.objects.running().select_related("moderator", "item")
    found = found.filter(
        item__kind=claims.kind.name, item__subject__in=subjects, item__closed_at__isnull=True
    )
    by = {row.item.subject: row for row in found}
    return {pk: Held(by.get(pk), pk in by and by[pk].moderator_id == reader.pk) for pk in subjects}


_SHOWN: dict[str, Shown] = {}


def register(shown: Shown) -> None:
    _SHOWN[shown.claims.kind.name] = shown


def of(kind: str) -> Shown:
    return _SHOWN[kind]


def every() -> list[Shown]:
    """In their order."""
    return sorted(_SHOWN.values(), key=lambda shown: shown.position)

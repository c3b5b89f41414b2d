"""The rooms that have something to say: what a message says now, and what they make of its end.

A room registers one Source in its `messages.py`, which is found by itself.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet

from monitoring import policy
from monitoring.delivery.content import Content, Undelivered
from monitoring.delivery.models import Attempt, Message
from monitoring.people import Person
from monitoring.tones import Tone

BUNDLE_NAMES = 10


@dataclass(frozen=True)
class Subject:
    """What a message is about, as lists of messages show it."""

    title: str
    url: str = ""


class Source(ABC):
    """One room's side of delivery. What it does not say otherwise is as here."""

    name: str
    label: str  # what it says, as "Alerts"
    right = ""  # needed to see its messages in lists; "": whoever sees the list
    urgency = 5  # messages of lower urgency wait until these have gone
    give_up: timedelta = policy.DELIVERY_GIVE_UP  # a channel that stays away so long is not told
    bundles = True  # many messages to one target may become one

    def unneeded(self, messages: QuerySet[Message]) -> QuerySet[Message]:
        """Those of them that nobody needs any more; asked before each try and after a failure."""
        return messages.none()

    @abstractmethod
    def content(self, message: Message) -> Content:
        """What it says of its subject now: built anew for each try, so that it is true then."""

    def bundle(self, bundle: Message, parts: QuerySet[Message]) -> Content:
        """What one message in place of these says: their number, and what the first are about."""
        first = parts.order_by("id").values_list("subject_id", flat=True)[:BUNDLE_NAMES]
        named = self.subjects([one for one in first if one is not None]).values()
        return Content(
            title=f"{self.label}: {parts.count():,} more messages",
            text="\n".join(subject.title for subject in named),
            url="",
            key=f"{self.name}-{bundle.pk}",
            tone=Tone.INFO,
        )

    def tried(self, message: Message, outcome: Attempt.Outcome) -> None:  # noqa: B027 - may stay empty
        """For the room's figures; in the transaction that records the try."""

    def went(self, message: Message) -> None:  # noqa: B027
        """It got through for the first time; in the transaction that records it."""

    def gave_up(self, message: Message) -> None:  # noqa: B027
        """It will not be tried again, `message.error` says why; in that transaction, too."""

    def subjects(self, ids: Iterable[int]) -> dict[int, Subject]:
        """What these subjects are called, for lists."""
        return {}


class _Gone(Source):
    """A room that is not there any more: nobody knows what its messages said."""

    name, label = "gone", "Gone"

    def content(self, message: Message) -> Content:
        raise Undelivered("What it said is not known any more.", permanent=True)


_GONE = _Gone()
_SOURCES: dict[str, Source] = {}


def register(source: Source) -> Source:
    _SOURCES[source.name] = source
    return source


def seen_by(person: Person) -> list[str]:
    """Names of those whose messages this person may see in lists."""
    return [
        name
        for name, source in _SOURCES.items()
        if not source.right or person.has_perm(source.right)
    ]


def get(name: str) -> Source:
    """Of a room that is not there any more, one that can say nothing."""
    return _SOURCES.get(name, _GONE)

"""What is sent, to whom, and what came of it: what rooms and ways of sending share."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from monitoring.delivery.setting import Setting
from monitoring.people import Person


class Undelivered(Exception):
    """It did not get through. `permanent`: trying again would not help.

    `retry_after_seconds` is what the other side asked for; it holds for the whole target.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        code: int | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        self.permanent = permanent
        self.code = code
        self.retry_after_seconds = retry_after_seconds
        super().__init__(message)


class Status(StrEnum):
    """How it stands with what a message is about."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    OVER = "over"


@dataclass(frozen=True)
class Button:
    """An act that whoever reads the message may do there, where a way of sending can show it."""

    label: str
    act: str
    is_main: bool = False


@dataclass(frozen=True)
class Content:
    """What is said. `key` names what it is about: messages with one key belong together.

    `embed` is how Discord shows it; without one it is made of title and text. `severity` is
    critical, warning or info.
    """

    title: str
    text: str
    url: str
    key: str
    tone: str
    severity: str = "info"
    component: str = ""
    status: Status = Status.OPEN
    embed: dict[str, Any] = field(default_factory=dict)
    buttons: Sequence[Button] = ()


@dataclass(frozen=True)
class To:
    """Whom a message goes to: a target of the way of sending, or a person whom it knows."""

    target: str
    person: Person | None = None


@dataclass(frozen=True)
class Before:
    """What earlier tries left: `receipt` names the message that is out, "" while none is;
    `reached` where it is, when that is not its target.

    `once` is the same for each try of the same message, and another one for each change of it:
    where the other side takes such a key, a message that was sent twice is shown once.
    """

    receipt: str = ""
    once: str = ""
    reached: str = ""


@dataclass(frozen=True)
class Sent:
    """It got through; `receipt` is what an edit of it needs.

    `reached` names where it arrived, when the target that it was meant for does not exist.
    """

    receipt: str = ""
    code: int | None = None
    pause_seconds: float | None = None
    reached: str = ""


@dataclass(frozen=True)
class About:
    """What decides whom a message of the site goes to: how urgent it is, and whose it is.

    `past_alertmanager`: Alertmanager does not answer, so what it would send is ours to send.
    `alertmanager_writes`: it says this to Discord itself, because we may not be able to.
    """

    severity: str
    team: str
    past_alertmanager: bool = False
    alertmanager_writes: bool = False

    @property
    def is_critical(self) -> bool:
        return self.severity == "critical"


class Transport(Protocol):
    """One way of sending: a folder of transports/."""

    name: str  # in rows and metrics
    label: str  # as a heading: E-mail
    words: str  # in a sentence: by e-mail
    who_sends: str  # on the page of channels: who sends what by it when all is well
    set_up: str  # there, too: what to set to have it
    settings: Sequence[Setting[Any]]
    follows: bool  # a message is changed, or followed, as what it is about changes
    tells_the_end: bool  # what is over is said where its beginning was
    is_personal: bool  # each of its targets is one person, by username

    def targets(self) -> list[str]:
        """Names of the targets that are set up."""
        ...

    def missing(self) -> dict[str, str]:
        """Targets that messages are routed to and that don't exist -> where their messages go."""
        ...

    def takes(self, about: About) -> list[str]:
        """Targets of this way that are told of something like this."""
        ...

    def reaches(self, person: Person) -> bool:
        """Whether this person can be told in this way, as things are set up now."""
        ...

    def place(self, to: To) -> str:
        """Where this goes there: places that share a rate limit have one name."""
        ...

    def send(self, to: To, content: Content, before: Before) -> Sent:
        """Send, or change what `before` names where this way can. Raises Undelivered."""
        ...


class Way:
    """What most ways of sending share; each says what is different."""

    name = label = words = who_sends = set_up = ""
    settings: Sequence[Setting[Any]] = ()
    follows = False
    tells_the_end = True
    is_personal = False

    def missing(self) -> dict[str, str]:
        return {}

    def reaches(self, person: Person) -> bool:
        return False

    def place(self, to: To) -> str:
        return to.target

"""What every channel does: send a message, and say whether a failure is worth another try."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from monitoring.alerts.models import Alert


class Undelivered(Exception):
    """It did not get through. `permanent`: trying again would not help.

    `retry_after_seconds` is what the channel asked for; it holds for the whole target.
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


@dataclass(frozen=True)
class Message:
    """What a channel shows. `alert` is there unless it is a bundle or a test."""

    title: str
    text: str
    url: str
    key: str
    tone: str
    alert: Alert | None = None
    embed: dict[str, Any] = field(default_factory=dict)
    is_acknowledged: bool = False


@dataclass(frozen=True)
class Sent:
    """It got through; `message_id` is what an edit of it needs."""

    message_id: int | None = None
    code: int | None = None
    pause_seconds: float | None = None


class Transport(Protocol):
    def targets(self) -> list[str]:
        """Names of the targets that are configured here."""
        ...

    def send(self, target: str, message: Message, message_id: int | None) -> Sent:
        """Send, or change what `message_id` names where the channel can. Raises Undelivered."""
        ...

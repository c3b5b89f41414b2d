"""Interactions under way: whom they belong to, whether the bot answered, and with what."""

import asyncio
import secrets
import time
from dataclasses import dataclass, field

from growmies_admin.practice.errors import Json

TOKEN_SECONDS = 15 * 60

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5


@dataclass(eq=False)
class Interaction:
    """One interaction of a member. `answers` gets what the member sees, in order."""

    id: str
    kind: int
    user_id: str
    channel_id: str
    name: str = ""
    command_type: int = 1
    source: Json | None = None
    trigger: Json | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(96))
    created: float = field(default_factory=time.monotonic)
    acknowledged: int = 0
    original: Json | None = None
    is_loading: bool = False
    is_ephemeral: bool = False
    answers: "asyncio.Queue[Json]" = field(default_factory=asyncio.Queue)

    def age_seconds(self) -> float:
        """Seconds since the member acted."""
        return time.monotonic() - self.created


class Interactions:
    """All interactions whose token is still good, and the modals that members look at."""

    def __init__(self) -> None:
        self._by_token: dict[str, Interaction] = {}
        self.open_modals: dict[str, Json] = {}

    def add(self, interaction: Interaction) -> None:
        """Take in a new interaction; those past 15 minutes go."""
        for token, old in list(self._by_token.items()):
            if old.age_seconds() <= TOKEN_SECONDS:
                break
            del self._by_token[token]
        self._by_token[interaction.token] = interaction

    def find(self, token: str) -> Interaction | None:
        """The interaction of a token that is still good."""
        found = self._by_token.get(token)
        if found is None or found.age_seconds() > TOKEN_SECONDS:
            return None
        return found

    def clear(self) -> None:
        """Forget everything under way."""
        self._by_token.clear()
        self.open_modals.clear()

"""Gateway sessions: what each client asked for, and its last events for RESUME."""

import json
import secrets
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

from growmies_admin.practice import intents
from growmies_admin.practice.errors import Json

REPLAY_EVENTS = 10_000
REPLAY_SECONDS = 300
RESUME_WITHIN_SECONDS = 300


class Link(Protocol):
    """The live connection of a session."""

    def push(self, text: str) -> None:
        """Queue one payload; never blocks."""
        ...


@dataclass(eq=False)
class Session:
    """One identified client. Events are kept while it is away, for RESUME."""

    intents: int
    large_threshold: int
    shard: tuple[int, int]
    has_guild: bool
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    seq: int = 0
    link: Link | None = None
    left_at: float | None = None
    _kept: deque[tuple[int, float, str]] = field(default_factory=deque)

    def dispatch(self, event: str, data_json: str) -> None:
        """Number, keep and send one event."""
        self.seq += 1
        text = f'{{"t":"{event}","s":{self.seq},"op":0,"d":{data_json}}}'
        moment = time.monotonic()
        self._kept.append((self.seq, moment, text))
        while len(self._kept) > REPLAY_EVENTS and self._kept[0][1] < moment - REPLAY_SECONDS:
            self._kept.popleft()
        if self.link is not None:
            self.link.push(text)

    def replay_after(self, seq: int) -> list[str] | None:
        """The events after `seq`; None when some of them are no longer kept."""
        missed = [text for number, _, text in self._kept if number > seq]
        return missed if len(missed) == self.seq - seq else None


class Hub:
    """All sessions, and the one place where events enter them."""

    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}

    def add(self, session: Session) -> None:
        """Take in a newly identified session."""
        self.forget_stale()
        self.sessions[session.id] = session

    def find(self, session_id: str) -> Session | None:
        """A session that may still be resumed."""
        self.forget_stale()
        return self.sessions.get(session_id)

    def drop(self, session: Session) -> None:
        """End a session: it can't be resumed any more."""
        self.sessions.pop(session.id, None)

    def forget_stale(self) -> None:
        """End sessions whose client has been away for too long."""
        limit = time.monotonic() - RESUME_WITHIN_SECONDS
        for session in list(self.sessions.values()):
            if session.left_at is not None and session.left_at < limit:
                self.drop(session)

    def dispatch(
        self,
        event: str,
        data: Json,
        *,
        in_guild: bool = True,
        to_all: bool = False,
        content_for_all: bool = False,
    ) -> None:
        """Send an event to every session whose intents want it.

        `to_all` needs no intent (the bot's own membership); `content_for_all` shows a message's
        content without the intent for it (the bot wrote it or is mentioned).
        """
        self.forget_stale()
        needed = 0 if to_all else intents.needed(event, in_guild)
        is_message = event in ("MESSAGE_CREATE", "MESSAGE_UPDATE")
        hideable = in_guild and is_message and not content_for_all
        whole = compact(data)
        bare = compact(_without_content(data)) if hideable else whole
        for session in list(self.sessions.values()):
            if needed & session.intents != needed or not _concerns(session, in_guild):
                continue
            sees_content = session.intents & intents.MESSAGE_CONTENT
            session.dispatch(event, whole if sees_content else bare)


def compact(data: Json) -> str:
    """JSON text as the gateway sends it."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)


def _concerns(session: Session, in_guild: bool) -> bool:
    # Direct messages go to shard 0, the guild's events to the guild's shard.
    return session.has_guild if in_guild else session.shard[0] == 0


def _without_content(data: Json) -> Json:
    return data | {"content": "", "embeds": [], "attachments": [], "components": []}

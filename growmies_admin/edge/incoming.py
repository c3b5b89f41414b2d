"""One body as it comes in: how slowly it may, and how much room it takes meanwhile."""

import asyncio
from types import TracebackType
from typing import Self

from growmies_admin import policy
from growmies_admin.edge.refusing import Refused
from growmies_admin.edge.room import Place, Room
from monitoring.asgi_types import Message, Receive

_PATIENCE_SECONDS = policy.BODY_PATIENCE.total_seconds()


class Incoming:
    """Passes a body on while it keeps up with BODY_BYTES_PER_SECOND and has room.

    The client starts with BODY_PATIENCE. Each byte earns the time that it may take, and what
    is saved up is never more than BODY_PATIENCE: a slow link may stutter, and nobody sends
    much at first to be silent for an hour then. The body takes FORM_BYTES of the room, and what
    came once that is more; it leaves at the end of the `with`, whose beginning raises Refused.

    A body that is ended sets `refused`; the application behind sees a client that left.
    """

    def __init__(self, receive: Receive, room: Room, asker: str) -> None:
        self.refused: Refused | None = None
        self._receive = receive
        self._room = room
        self._place = Place(asker, self._interrupt)
        self._loop = asyncio.get_running_loop()
        self._clock = asyncio.timeout_at(self._loop.time() + _PATIENCE_SECONDS)
        self._until = self._loop.time() + _PATIENCE_SECONDS
        self._came_bytes = 0
        self._is_whole = False

    def __enter__(self) -> Self:
        self._room.take(self._place, policy.FORM_BYTES)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._room.leave(self._place)

    async def receive(self) -> Message:
        if self._is_whole:
            return await self._receive()
        if self.refused is None:
            message = await self._next()
        if self.refused is None:
            self._count(message)
        return message if self.refused is None else {"type": "http.disconnect"}

    async def _next(self) -> Message:
        self._clock = asyncio.timeout_at(self._until)
        self._place.waits = True
        try:
            async with self._clock:
                return await self._receive()
        except TimeoutError:
            self.refused = self.refused or _too_slow()
            return {"type": "http.disconnect"}
        finally:
            self._place.waits = False

    def _count(self, message: Message) -> None:
        size = len(message.get("body", b""))
        earned = size / policy.BODY_BYTES_PER_SECOND
        self._until = min(self._until + earned, self._loop.time() + _PATIENCE_SECONDS)
        self._came_bytes += size
        try:
            self._room.take(self._place, self._came_bytes)
        except Refused as refused:
            self.refused = refused
        else:
            self._is_whole = not message.get("more_body", False)

    def _interrupt(self, refused: Refused) -> None:
        """The room goes to another body; called while this one waits for more."""
        self.refused = refused
        if not self._clock.expired():
            self._clock.reschedule(self._loop.time())


def _too_slow() -> Refused:
    return Refused(
        "too_slow",
        "This came in too slowly; nothing was kept. Try again where the connection is better.",
    )

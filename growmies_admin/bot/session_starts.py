"""How often the bot begins a session: Discord allows 1,000 a day, then it resets the token.

A client that fails right after each READY would use them up within an hour. So after some
sessions within an hour each further one waits, longer and longer; and when Discord itself says
that few are left, each waits an hour.
"""

import asyncio
import time
from collections import deque

import discord
import structlog

from growmies_admin import policy
from growmies_admin.bot import metrics

log = structlog.get_logger(__name__)
ASK_SECONDS = 5


class TooMany(Exception):
    """No session may begin for `pause_seconds`. Whoever runs the client waits."""

    def __init__(self, pause_seconds: float) -> None:
        super().__init__(f"{pause_seconds:.0f} s")
        self.pause_seconds = pause_seconds


class SessionStarts:
    """Counts the sessions of one process, whichever client begins them."""

    def __init__(self) -> None:
        self._begun: deque[float] = deque()
        self._pauses = 0  # in a row
        self._not_before = 0.0

    async def begin(self, http: discord.http.HTTPClient) -> None:
        """Before each IDENTIFY. Raises TooMany."""
        self.count(time.monotonic(), await _left(http))

    def count(self, now: float, left: int | None) -> None:
        """One more session at `now` (monotonic seconds). `left`: what Discord says, or None.

        Raises TooMany, and counts nothing then.
        """
        if now < self._not_before:
            raise TooMany(self._not_before - now)
        while self._begun and self._begun[0] <= now - policy.SESSION_STARTS_WINDOW.total_seconds():
            self._begun.popleft()
        is_short = left is not None and left < policy.SESSION_STARTS_RESERVE
        if not is_short and len(self._begun) < policy.SESSION_STARTS_FREE:
            self._pauses, self._not_before = 0, 0.0
        elif not self._not_before:
            self._pause(now, is_short=is_short)
        # One session for the pause that was kept.
        self._not_before = 0.0
        self._begun.append(now)

    def _pause(self, now: float, *, is_short: bool) -> None:
        pauses = policy.SESSION_START_PAUSES
        pause = pauses[-1 if is_short else min(self._pauses, len(pauses) - 1)].total_seconds()
        self._pauses += 1
        self._not_before = now + pause
        raise TooMany(pause)


async def _left(http: discord.http.HTTPClient) -> int | None:
    """What Discord says is left of today's; None when it does not answer."""
    try:
        async with asyncio.timeout(ASK_SECONDS):
            _, _, limit = await http.get_bot_gateway()
    except (discord.DiscordException, OSError, TimeoutError) as error:
        log.warning("session_starts_not_asked", error=type(error).__name__)
        return None
    metrics.session_starts_left.set(limit["remaining"])
    return int(limit["remaining"])

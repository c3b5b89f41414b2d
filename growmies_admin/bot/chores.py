"""What the bot does until it has worked: when something happened, and now and then anyway."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import aiohttp
import discord
import psycopg
import structlog
from django.db import Error as DatabaseError

from growmies_admin import policy

log = structlog.get_logger(__name__)

# What an outage of Discord, of the network or of PostgreSQL looks like.
OUTAGES = (discord.DiscordException, aiohttp.ClientError, DatabaseError, psycopg.Error, OSError)


class Chore:
    """Done when woken, and again until it worked; `every_seconds` also without being woken.

    One that does not end, such as a wait for an answer that was lost, is ended and begun again.
    """

    def __init__(
        self,
        name: str,
        act: Callable[[], Awaitable[object]],
        *,
        again_seconds: float,
        every_seconds: float | None = None,
    ) -> None:
        self._name = name
        self._act = act
        self._again = again_seconds
        self._every = every_seconds
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Do it now, or once more if it is being done."""
        self._wake.set()

    async def run(self) -> None:
        """Ends by being cancelled only."""
        while True:
            # Not wait_for(): cancelled in the moment of a wake, that would go on.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._every):
                    await self._wake.wait()
            self._wake.clear()
            try:
                async with asyncio.timeout(policy.CHORE_AT_MOST.total_seconds()):
                    await self._act()
            except Exception as error:
                told = log.warning if isinstance(error, OUTAGES) else log.exception
                told("chore_failed", chore=self._name, error=type(error).__name__)
                await asyncio.sleep(self._again)
                self.wake()

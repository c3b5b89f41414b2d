"""Whether this session's members of a guild are all here, as Discord's chunks tell it.

`guild.chunked` compares two counts, and Discord's `member_count` is off by some in real guilds
(discord.py#4021, discord-api-docs#1121): it says nothing about members.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import discord
import structlog

from growmies_admin import policy

log = structlog.get_logger(__name__)
_LOOK_SECONDS = 0.05


class RollCall:
    """Members come with GUILD_CREATE, all of them in a small guild, or in chunks after it.

    Every chunk carries the nonce of its request, its number and how many there are. Only when
    each number of one request came, everybody was named. Nobody here asks for a part of the
    members, so every request is for all of them.
    """

    def __init__(self) -> None:
        self._complete: set[int] = set()
        self._seen: dict[tuple[int, str], set[int]] = {}

    def has_all(self, guild: discord.Guild) -> bool:
        """Whether everybody of this guild is here."""
        return guild.id in self._complete

    def begin(self, guild_id: int | None = None) -> None:
        """A guild was told anew, or all (None): who was here before says nothing any more."""
        gone = self._complete.copy() if guild_id is None else {guild_id}
        self._complete -= gone
        kept = self._seen.items() if guild_id is not None else ()
        self._seen = {key: seen for key, seen in kept if key[0] != guild_id}

    def chunk(self, data: Mapping[str, Any]) -> None:
        """One GUILD_MEMBERS_CHUNK that was read without an error."""
        guild_id = int(data["guild_id"])
        seen = self._seen.setdefault((guild_id, str(data.get("nonce", ""))), set())
        seen.add(int(data.get("chunk_index", 0)))
        if seen >= set(range(int(data.get("chunk_count", 1)))):
            self.begin(guild_id)
            self._complete.add(guild_id)

    async def ask(self, guild: discord.Guild, *, with_presences: bool) -> None:
        """Make sure that everybody is here, or comes: ask for the chunks that never came.

        With presences, Discord names everybody of a small guild in GUILD_CREATE itself. The
        answer to what is asked here comes as chunks, within seconds; when it does not, whoever
        asks goes on without it, and the next one asks again.
        """
        if with_presences and not guild.large:
            self._complete.add(guild.id)
        elif not self.has_all(guild) and not guild.unavailable:
            try:
                async with asyncio.timeout(_patience(guild)):
                    await self._until_all(guild)
            except TimeoutError:
                log.warning("members_not_named", guild=str(guild.id))
            finally:
                if not self.has_all(guild):
                    # Else discord.py waits for this answer for ever, and asks no more.
                    guild._state._chunk_requests.pop(guild.id, None)

    async def _until_all(self, guild: discord.Guild) -> None:
        """discord.py's own wait misses an answer that comes before it has begun to wait, and then
        never ends: what counts is that the chunks came."""
        asking = asyncio.create_task(guild.chunk())
        try:
            while not asking.done() and not self.has_all(guild):
                await asyncio.wait({asking}, timeout=_LOOK_SECONDS)
            if asking.done():
                asking.result()  # raises what it met
        finally:
            asking.cancel()


def _patience(guild: discord.Guild) -> float:
    """Seconds: as long as discord.py has at a start, and never less than policy says."""
    return max(policy.MEMBERS_NAMED_WITHIN.total_seconds(), (guild.member_count or 0) / 10_000)

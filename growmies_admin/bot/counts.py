"""Who is online, verified and in voice: sets that events keep, and that scans set right.

Every step is idempotent and looks at the member as the cache has it now, so that events
and a scan may come in any order. A scan gives way to the event loop every few milliseconds.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

import discord

T = TypeVar("T")
_SLICE_SECONDS = 0.0015  # the promise is 5 ms (docs/bot.md); a set that grows takes some more
_LOOK_EVERY = 25  # members between two looks at the clock


async def in_slices(items: Iterable[T], act: Callable[[T], None]) -> None:
    """Do `act` with every item, never holding the loop for 5 ms.

    Iterating over `items` must make its own snapshot, as discord.py's `guild.members` does:
    another copy of 100,000 would be a slice of its own.
    """
    began = time.monotonic()
    for number, item in enumerate(items):
        act(item)
        if number % _LOOK_EVERY == 0 and time.monotonic() - began > _SLICE_SECONDS:
            await asyncio.sleep(0)
            began = time.monotonic()


class Counts:
    """Ids of members; people only, no bots, except in voice."""

    def __init__(self) -> None:
        self.online: set[int] = set()
        self.verified: set[int] = set()
        self.voice: set[int] = set()

    def presence(self, member: discord.Member) -> None:
        """Online, idle and busy are there; needs the presence intent."""
        _keep(self.online, member.id, member.raw_status != "offline" and not member.bot)

    def roles(self, member: discord.Member, role: discord.Role | None) -> None:
        has = role is not None and member.get_role(role.id) is not None
        _keep(self.verified, member.id, has and not member.bot)

    def in_voice(self, member: discord.Member, channel: object) -> None:
        _keep(self.voice, member.id, isinstance(channel, discord.VoiceChannel))

    def gone(self, member_id: int) -> None:
        """Left the guild: counted nowhere."""
        for kept in (self.online, self.verified, self.voice):
            kept.discard(member_id)

    async def reconcile_users(self, guild: discord.Guild) -> None:
        """Set online and voice right by the cache."""
        await in_slices(guild.members, self.presence)
        await self._forget_absent(self.online, guild)
        now = {m for channel in guild.voice_channels for m in channel.voice_states}
        self.voice.clear()
        self.voice.update(now)

    async def reconcile_roles(self, guild: discord.Guild, role: discord.Role | None) -> None:
        """Set verified right by the cache."""
        await in_slices(guild.members, lambda member: self.roles(member, role))
        await self._forget_absent(self.verified, guild)

    async def _forget_absent(self, kept: set[int], guild: discord.Guild) -> None:
        def look(member_id: int) -> None:
            if guild.get_member(member_id) is None:
                kept.discard(member_id)

        await in_slices(tuple(kept), look)


def _keep(kept: set[int], member_id: int, yes: bool) -> None:
    if yes:
        kept.add(member_id)
    else:
        kept.discard(member_id)

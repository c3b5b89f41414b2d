"""Keeps the figures of the guild: members, voice, online, verified, other bots, latency."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime

import discord
import structlog
from django.conf import settings

from growmies_admin.bot import metrics
from growmies_admin.bot.content import is_about_cannabis
from growmies_admin.bot.guild import our_guild, verified_role
from monitoring.uptime.metrics import BOTS, third_party_bot_health

log = structlog.get_logger(__name__)

USERS_EVERY_SECONDS = 60
GUILD_EVERY_SECONDS = 300
_SLICE_SECONDS = 0.004


class Activity:
    """Counts messages as they come, and members by scans that never hold the event loop."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._verified_count = 0

    async def run(self) -> None:
        """Scan for ever: latency and users each minute, roles every five minutes."""
        last_guild_scan = -math.inf
        while True:
            try:
                guild = our_guild(self._client)
                self._connection()
                if guild is not None and not guild.unavailable:
                    await self._users(guild)
                    if time.monotonic() - last_guild_scan >= GUILD_EVERY_SECONDS:
                        await self._verified(guild)
                        last_guild_scan = time.monotonic()
            except Exception:
                log.exception("activity_scan_failed")
            await asyncio.sleep(5 if last_guild_scan < 0 else USERS_EVERY_SECONDS)

    def message(self, message: discord.Message) -> None:
        """Count one message of the guild."""
        if message.guild is None:
            return
        channel = message.channel
        if isinstance(channel, discord.Thread):
            name = channel.parent.name if channel.parent else "other"
        else:
            name = getattr(channel, "name", "other")
        metrics.messages_total.inc(
            channel=name,
            type=_message_type(message),
            contains_cannabis_content=str(is_about_cannabis(message.content)).lower(),
        )

    def learn_channels(self, guild: discord.Guild) -> None:
        """The guild's channels become the known values, and start at 0."""
        names = sorted(channel.name for channel in guild.text_channels)
        metrics.messages_total.bounded.learn("channel", names)
        metrics.messages_total.start_at_zero()

    def voice(self, guild: discord.Guild) -> None:
        """How many are in voice now; cheap, so it follows every event."""
        count = sum(len(channel.voice_states) for channel in guild.voice_channels)
        metrics.active_users.set(count, channel_type="voice", time_period="current")

    def _connection(self) -> None:
        latency = self._client.latency
        if self._client.is_ready() and math.isfinite(latency):
            metrics.gateway_latency.set(latency)

    async def _users(self, guild: discord.Guild) -> None:
        metrics.guild_members.set(guild.member_count or 0)
        self.voice(guild)
        if not settings.DISCORD_PRESENCES:
            return
        online, bots = 0, {}
        async for member in _in_slices(guild.members):
            present = member.status is not discord.Status.offline
            if not member.bot:
                online += present
            elif (name := _known_bot(member)) is not None:
                bots[name] = present
        metrics.active_users.set(online, channel_type="text", time_period="current")
        for name, function in BOTS.items():
            third_party_bot_health.set(
                float(bots.get(name, False)), bot_name=name, function=function
            )

    async def _verified(self, guild: discord.Guild) -> None:
        role = verified_role(guild)
        count = 0
        async for member in _in_slices(guild.members):
            count += role is not None and member.get_role(role.id) is not None
        self._verified_count = count
        self._export_verified()

    def verified_changed(self, by: int) -> None:
        """One member got (+1) or lost (-1) the role; the scan sets the count right again."""
        self._verified_count += by
        self._export_verified()

    def _export_verified(self) -> None:
        metrics.active_users.set(self._verified_count, channel_type="verified", time_period="total")


async def _in_slices(members: Iterable[discord.Member]) -> AsyncIterator[discord.Member]:
    """Every member of a snapshot, giving way to the event loop every few milliseconds."""
    began = time.monotonic()
    for member in list(members):
        yield member
        if time.monotonic() - began > _SLICE_SECONDS:
            await asyncio.sleep(0)
            began = time.monotonic()


def bot_presences(client: discord.Client) -> dict[str, dict[str, str]]:
    """The guide's thirdParty.services: each known bot with status and lastSeen."""
    guild = our_guild(client)
    found = {name: {"status": "offline", "lastSeen": "unknown"} for name in BOTS}
    for member in list(guild.members) if guild else []:
        if member.bot and (name := _known_bot(member)) is not None:
            online = member.status is not discord.Status.offline
            seen = datetime.now(UTC).isoformat(timespec="seconds") if online else "unknown"
            found[name] = {"status": "healthy" if online else "offline", "lastSeen": seen}
    return found


def _known_bot(member: discord.Member) -> str | None:
    name = member.name.lower()
    return next((known for known in BOTS if known in name), None)


def _message_type(message: discord.Message) -> str:
    if message.author.bot:
        return "bot"
    if isinstance(message.channel, discord.Thread):
        return "thread"
    if message.type is discord.MessageType.reply:
        return "reply"
    return "default" if message.type is discord.MessageType.default else "system"

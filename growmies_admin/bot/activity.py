"""Keeps the figures of the guild: members, voice, online, verified, other bots, latency."""

import asyncio
import math
import time
from typing import TYPE_CHECKING

import discord
import structlog
from django.conf import settings

from growmies_admin.bot import metrics
from growmies_admin.bot.content import is_about_cannabis
from growmies_admin.bot.counts import Counts
from growmies_admin.bot.guild import our_guild, verified_role
from growmies_admin.bot.other_bots import OtherBots
from monitoring.uptime.metrics import third_party_bot_health

if TYPE_CHECKING:
    from growmies_admin.bot.client import Bot

log = structlog.get_logger(__name__)

# Events move the figures between two scans, so these only repair.
USERS_EVERY_SECONDS = 60
GUILD_EVERY_SECONDS = 300
NOT_READY_SECONDS = 5
LAG_EVERY_SECONDS = 0.1
# A session that resumes within this has missed nothing; after it the figures are of the past.
LOST_AFTER_SECONDS = 30
_OF_THE_GUILD = (metrics.guild_members, metrics.active_users, third_party_bot_health)


class Activity:
    """Counts messages as they come, and members by events and by scans of the cache."""

    def __init__(self, client: "Bot") -> None:
        self._client = client
        self.counts = Counts()
        self.bots = OtherBots()
        self._events = 0
        self._last_event_at = 0.0
        self._last_online = -math.inf

    async def run(self) -> None:
        """Scan for ever: users each minute, roles and other bots every five minutes."""
        last_guild_scan = -math.inf
        while True:
            pause: float = NOT_READY_SECONDS
            try:
                guild = our_guild(self._client)
                if self._client.is_ready() and guild is not None and not guild.unavailable:
                    pause = USERS_EVERY_SECONDS
                    await self.counts.reconcile_users(guild)
                    if time.monotonic() - last_guild_scan >= GUILD_EVERY_SECONDS:
                        await self.counts.reconcile_roles(guild, verified_role(guild))
                        await self.bots.find(guild)
                        last_guild_scan = time.monotonic()
            except Exception:
                log.exception("activity_scan_failed")
            await asyncio.sleep(pause)

    async def watch_loop(self) -> None:
        """Measure for ever how late the event loop is: something that holds it shows here."""
        while True:
            began = time.monotonic()
            await asyncio.sleep(LAG_EVERY_SECONDS)
            metrics.loop_lag.observe(max(time.monotonic() - began - LAG_EVERY_SECONDS, 0.0))

    def event(self) -> None:
        """The gateway sent something."""
        self._events += 1
        self._last_event_at = time.time()

    def message(self, message: discord.Message) -> None:
        """Count one message of the guild."""
        channel = message.channel
        if isinstance(channel, discord.Thread):
            name = channel.parent.name if channel.parent else "other"
        else:
            name = getattr(channel, "name", "other")
        about = "true" if is_about_cannabis(message.content) else "false"
        metrics.messages_total.inc(
            channel=name, type=_message_type(message), contains_cannabis_content=about
        )

    def learn_channels(self, guild: discord.Guild) -> None:
        """The guild's channels become the known values, and start at 0."""
        names = sorted(channel.name for channel in guild.text_channels)
        metrics.messages_total.bounded.learn("channel", names)
        metrics.messages_total.start_at_zero()

    def export(self) -> None:
        """Write the figures out as they stand: each scrape asks, so that events cost nothing.

        What we can't see is absent: all figures some seconds after the connection was lost, those
        of the guild while Discord has no guild for us.
        """
        events, self._events = self._events, 0
        metrics.gateway_events.inc(events)
        if self._last_event_at:
            metrics.gateway_last_event.set(self._last_event_at)
        now = time.monotonic()
        if self._client.online:
            self._last_online = now
        guild = our_guild(self._client)
        is_there = now - self._last_online < LOST_AFTER_SECONDS and self._client.is_ready()
        if is_there and math.isfinite(latency := self._client.latency):
            metrics.gateway_latency.set(latency)
        else:
            metrics.gateway_latency.clear()
        if guild is None or guild.unavailable or not is_there:
            for family in _OF_THE_GUILD:
                family.clear()
            return
        counts, users = self.counts, metrics.active_users
        metrics.guild_members.set(guild.member_count or 0)
        users.set(len(counts.voice), channel_type="voice", time_period="current")
        users.set(len(counts.verified), channel_type="verified", time_period="total")
        if settings.DISCORD_PRESENCES:
            users.set(len(counts.online), channel_type="text", time_period="current")
            self.bots.export(guild)


def _message_type(message: discord.Message) -> str:
    if message.author.bot:
        return "bot"
    if isinstance(message.channel, discord.Thread):
        return "thread"
    if message.type is discord.MessageType.reply:
        return "reply"
    return "default" if message.type is discord.MessageType.default else "system"

"""The other bots of the guild (THIRD_PARTY_BOTS): which members they are, and whether online."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import discord

from growmies_admin.bot.counts import in_slices
from monitoring.uptime.metrics import BOTS, OtherBot, third_party_bot_health


@dataclass
class OtherBots:
    """Members by the configured user id; without one, the bot whose name contains the known one."""

    _by_name: dict[str, int] = field(default_factory=dict)
    _seen: dict[str, datetime] = field(default_factory=dict)

    async def find(self, guild: discord.Guild) -> None:
        """Look through all members for bots that are known by their name only."""
        await in_slices(guild.members, self.met)

    def met(self, member: discord.Member) -> None:
        """Remember a bot by its name; an exact name goes before one that contains it."""
        if not member.bot:
            return
        name = member.name.lower()
        for bot in BOTS:
            if bot.user_id is None and bot.name in name:
                known = member.guild.get_member(self._by_name.get(bot.name, 0))
                if known is None or name == bot.name:
                    self._by_name[bot.name] = member.id

    def look(self, guild: discord.Guild | None) -> dict[str, dict[str, str]]:
        """`thirdParty.services` of /health: each bot with status and lastSeen."""
        found = {}
        for bot in BOTS:
            online = self._is_online(bot, guild)
            if online:
                self._seen[bot.name] = datetime.now(UTC)
            seen = self._seen.get(bot.name)
            found[bot.name] = {
                "status": "healthy" if online else "offline",
                "lastSeen": seen.isoformat(timespec="seconds") if seen else "unknown",
            }
        return found

    def export(self, guild: discord.Guild) -> None:
        for bot in BOTS:
            online = float(self._is_online(bot, guild))
            third_party_bot_health.set(online, bot_name=bot.name, function=bot.function)

    def _is_online(self, bot: OtherBot, guild: discord.Guild | None) -> bool:
        if guild is None:
            return False
        member = guild.get_member(bot.user_id or self._by_name.get(bot.name, 0))
        return member is not None and member.raw_status != "offline"

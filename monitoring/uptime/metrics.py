"""third_party_bot_health, which the bot sets from presences; figures.py has the others."""

from dataclasses import dataclass

from django.conf import settings

from monitoring.metrics.families import GaugeFamily
from monitoring.uptime import figures  # noqa: F401 - registers them


@dataclass(frozen=True)
class OtherBot:
    """A bot of somebody else in our guild, and what we use it for."""

    name: str
    function: str
    user_id: int | None


# THIRD_PARTY_BOTS; four that the community has, unless configured (docs/metrics.md).
BOTS = tuple(OtherBot(*bot) for bot in settings.THIRD_PARTY_BOTS)
third_party_bot_health = GaugeFamily(
    "third_party_bot_health",
    "1 while the other bot is online, 0 while it is not; absent without the presence intent.",
    {
        "bot_name": tuple(bot.name for bot in BOTS),
        "function": tuple(bot.function for bot in BOTS),
    },
)

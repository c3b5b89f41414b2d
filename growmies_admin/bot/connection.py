"""Where Discord is: the real one, or the address in DISCORD_API_URL (the practice guild)."""

import discord
import yarl
from discord.backoff import ExponentialBackoff
from discord.gateway import DiscordWebSocket
from django.conf import settings

LONGEST_RECONNECT_PAUSE_SECONDS = 15
QUIET_SECONDS = 60


class BoundedBackoff(ExponentialBackoff[bool]):
    """discord.py's backoff grows to 17 minutes, and takes 34 quiet ones to begin anew.

    After an outage we want to be back in seconds, and after a quiet minute it is another one.
    """

    def __init__(self, base: int = 1, *, integral: bool = False) -> None:
        super().__init__(base, integral=integral)
        self._reset_time = QUIET_SECONDS

    def delay(self) -> float:
        return min(float(super().delay()), LONGEST_RECONNECT_PAUSE_SECONDS)


def point() -> None:
    """Point discord.py at DISCORD_API_URL. Called once, before a client is made.

    There is no constructor option for it (docs/bot.md); with an empty setting everything
    stays as the library ships it.
    """
    discord.client.ExponentialBackoff = BoundedBackoff  # type: ignore[attr-defined,assignment]
    if not settings.DISCORD_API_URL:
        return
    api = yarl.URL(settings.DISCORD_API_URL)
    scheme = "wss" if api.scheme == "https" else "ws"
    discord.http.Route.BASE = str(api)
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL.build(
        scheme=scheme, host=api.host or "", port=api.port
    )
    discord.asset.Asset.BASE = str(api.origin())

"""Reads the gateway's events: what discord.py can't read is counted and left out, one by one.

discord.py ends the whole client over one event that it can't parse. Sent at each READY (a poll
without an end, discord.py#2429), it would use up Discord's 1,000 sessions a day within an hour,
after which Discord resets the token (discord-api-docs#215).
"""

from collections.abc import Callable
from typing import Any

import discord
import structlog

from growmies_admin.bot import metrics
from growmies_admin.bot.roll_call import RollCall

log = structlog.get_logger(__name__)
Parser = Callable[[Any], Any]
# Without these there is no session: who can't read them has to begin another.
_NEEDED = {"READY", "RESUMED", "GUILD_CREATE"}
_KEYS_SHOWN = 40


def guard(client: discord.Client, roll: RollCall) -> None:
    """Put a guard around each of the client's parsers, which also tells `roll` of members.

    discord.py looks its parsers up in this one table of its connection;
    tests/growmies_admin/bot/test_unreadable_events.py holds that for the locked version.
    """
    parsers: dict[str, Parser] = client._connection.parsers
    metrics.events_unreadable.bounded.learn("event", parsers)
    metrics.events_unreadable.start_at_zero()
    for name, parse in list(parsers.items()):
        parsers[name] = _guarded(name, parse, roll)


def _guarded(name: str, parse: Parser, roll: RollCall) -> Parser:
    def read(data: Any) -> None:
        if name == "READY":
            roll.begin()
        try:
            if name == "GUILD_CREATE":
                roll.begin(int(data["id"]))
            parse(data)
            if name == "GUILD_MEMBERS_CHUNK":
                roll.chunk(data)
        except Exception as error:
            # Its keys, never its values: they are people's.
            keys = sorted(map(str, data))[:_KEYS_SHOWN] if isinstance(data, dict) else []
            log.error("event_unreadable", name=name, keys=keys, error=type(error).__name__)
            metrics.events_unreadable.inc(event=name)
            if name in _NEEDED:
                raise

    return read

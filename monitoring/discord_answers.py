"""What Discord's refusals mean, in one table: for the bot, and for everything that uses webhooks.

The codes are those of Discord's documentation, "JSON error codes", and of the threads named
beside them. An answer that carries none of Discord's codes is not Discord's: Cloudflare, a proxy
or a load balancer wrote it, and what they say passes.
"""

from dataclasses import dataclass
from enum import Enum


class Meaning(Enum):
    FINAL = "final"  # nothing changes by itself: the words say what a person can do
    PASSING = "passing"  # the same call may go through later
    RATE = "rate"  # we are too quick: later, and slower
    AWAY = "away"  # who it is about is not in the server
    GONE = "gone"  # what it is about was removed in Discord: it has to be made again


@dataclass(frozen=True)
class Answer:
    """What a refusal means; `words` tell a person what to do, "" where nothing is to be done."""

    meaning: Meaning
    words: str = ""


_NO_MESSAGES = "The member takes no direct messages from this server. Nothing else depends on it."
CODES: dict[int, Answer] = {
    10003: Answer(Meaning.FINAL, "The channel no longer exists. Create it again, then retry."),
    10004: Answer(Meaning.PASSING, "Discord does not show the server to the bot right now."),
    10007: Answer(Meaning.AWAY),
    10008: Answer(Meaning.GONE, "The message is gone."),
    10011: Answer(
        Meaning.FINAL,
        "The role no longer exists. Create it again or set DISCORD_VERIFIED_ROLE, then retry.",
    ),
    10013: Answer(Meaning.AWAY),
    10015: Answer(Meaning.GONE, "The webhook is gone; the bot makes another one."),
    20016: Answer(Meaning.RATE, "The channel is in slow mode."),
    20022: Answer(Meaning.RATE, "Discord limits how often this is edited."),
    20028: Answer(Meaning.RATE, "Discord limits how much is written to this channel."),
    20029: Answer(Meaning.RATE, "Discord limits how much is written in this server."),
    40001: Answer(Meaning.PASSING, "Discord does not accept the token right now."),
    # Too many direct messages opened in a short time: discord-api-docs#6473, #1205.
    40003: Answer(Meaning.RATE, "Discord limits how fast direct messages are opened."),
    40004: Answer(Meaning.PASSING, "Discord has switched off sending for a while."),
    40006: Answer(Meaning.PASSING, "Discord has switched this off for a while."),
    40062: Answer(Meaning.RATE, "Discord limits this service."),
    # Cloudflare in front of Discord, in Discord's shape: discord-api-docs#6473.
    40333: Answer(Meaning.PASSING, "Cloudflare stopped the call before it reached Discord."),
    50001: Answer(Meaning.FINAL, "The bot can't see this. Give its role access, then retry."),
    50007: Answer(Meaning.FINAL, _NO_MESSAGES),
    50013: Answer(
        Meaning.FINAL,
        "Discord says that the bot lacks a permission: it needs Manage Roles, and its role above "
        "the one it gives. Move it, then retry.",
    ),
    50027: Answer(Meaning.GONE, "The webhook is gone; the bot makes another one."),
    # No server in common any more, told instead of 50007: discord-api-docs#7546.
    50278: Answer(Meaning.FINAL, _NO_MESSAGES),
    130000: Answer(Meaning.PASSING, "Discord is overloaded."),
}
TAKES_NO_MESSAGES = frozenset({50007, 50278})  # or is not in the server any more


def read(status: int, code: int | None, message: str = "") -> Answer:
    """What an HTTP answer of 400 and above means.

    `code` is the number in Discord's JSON body; None when the body is not Discord's at all. 0 is
    Discord's too, where it has no number of its own: with 400 the call is malformed for good,
    with everything else it passes. `message` is Discord's text; 200 characters of it are kept.
    """
    if status == 429:
        return Answer(Meaning.RATE, "Discord asks for patience.")
    if code is None:
        return Answer(Meaning.PASSING, f"Answer {status} from a server before Discord")
    if known := CODES.get(code):
        return known
    if status == 400 or (code and status in (403, 404)):
        return Answer(Meaning.FINAL, f"Discord refused: {message[:200]}")
    return Answer(Meaning.PASSING, f"Discord answered {status}")

"""Words in messages of ours in Discord: made safe to stand there, and as a reader sees them."""

import re
import unicodedata
from datetime import datetime

from django.utils import timezone

from monitoring.ui import words

_GAP = "\u200b"  # seen by nobody; what it splits is no mention and no link to Discord
_LINK = re.compile(r"\](?=\()")
_EVERYBODY = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
# Members, roles, channels, commands, custom emoji, times and the guild's own pages.
_MENTION = re.compile(r"<(?=[@#/:]|(?:a|t|id|sound):)", re.IGNORECASE)
# Unicode's invisible characters beside the categories of format and control.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0").union(
    map(chr, range(0x180B, 0x1810)),
    map(chr, range(0xFE00, 0xFE10)),
    map(chr, range(0xE0100, 0xE01F0)),
)
_IN_EMOJI = frozenset("\u200d\ufe0f")
_TIME = re.compile(r"<t:(-?\d{1,11})(?::([tTdDfFR]))?>")


def quiet(text: str) -> str:
    """The same words, which ping nobody, look like no mention, and hide no address.

    `[text](https://…)` shows its address; `@everyone`, `<@id>`, `<@&id>`, `<#id>` and the like
    are plain letters; invisible characters are gone, but for those that hold an emoji together.
    Headings, lists and spoilers stay. Quiet words stay as they are when quieted again.
    """
    seen = "".join(_seen(text))
    seen = _LINK.sub(f"]{_GAP}", seen)
    seen = _EVERYBODY.sub(f"@{_GAP}", seen)
    return _MENTION.sub(f"<{_GAP}", seen)


def sentence(text: str) -> str:
    """Somebody's words, quiet and as a sentence of their own: what follows begins anew."""
    words = quiet(text).strip()
    return words if not words or words[-1] in ".!?…" else f"{words}."


def as_shown(text: str) -> str:
    """A message with its times as Discord shows them, here in the zone of who reads it now.

    `<t:1764547200:f>` is `November 30, 2025 at 7:00 PM`. A member sees theirs in their own zone.
    """
    return _TIME.sub(lambda found: _shown(int(found[1]), found[2] or "f") or found[0], text)


def _shown(seconds: int, style: str) -> str:
    """One time in a style of Discord's, or "" when it is none that can be."""
    now = timezone.localtime()
    try:
        at = datetime.fromtimestamp(seconds, tz=now.tzinfo)
    except (ValueError, OverflowError, OSError):
        return ""
    clock = f"{at.hour % 12 or 12}:{at:%M}"
    day = f"{at:%B} {at.day}, {at.year}"
    return {
        "t": f"{clock} {at:%p}",
        "T": f"{clock}:{at:%S %p}",
        "d": f"{at.month}/{at.day}/{at.year}",
        "D": day,
        "f": f"{day} at {clock} {at:%p}",
        "F": f"{at:%A}, {day} at {clock} {at:%p}",
        "R": words.ago(at, now),
    }[style]


def _seen(text: str) -> list[str]:
    """The characters that somebody can see, new lines and tabs."""
    found: list[str] = []
    for character in text:
        if (character in _IN_EMOJI and found and _holds_an_emoji(found[-1])) or not (
            character in _UNSEEN
            or (unicodedata.category(character) in ("Cc", "Cf", "Cs") and character not in "\n\t")
        ):
            found.append(character)
    return found


def _holds_an_emoji(character: str) -> bool:
    return character == "\ufe0f" or unicodedata.category(character) in ("So", "Sk")

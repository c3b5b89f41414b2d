"""Durations and times in words, and long texts cut to a length."""

import unicodedata
from datetime import datetime, timedelta

_UNITS = (("year", 31_557_600), ("month", 2_629_800), ("day", 86_400))


def duration(value: timedelta | float | None) -> str:
    """A length of time as people say it: `41 ms`, `18 s`, `4 h 26 m`, `3 years, 2 months`."""
    if value is None:
        return "–"
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    seconds = abs(seconds)
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(int(seconds), 60)
    if seconds < 3600:
        return f"{minutes} m {rest:02} s" if minutes < 10 and rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if seconds < 86_400:
        return f"{hours} h {minutes:02} m" if minutes else f"{hours} h"
    return _long(seconds)


def _long(seconds: float) -> str:
    parts = []
    for name, length in _UNITS:
        count = int(seconds // length)
        if count:
            parts.append(f"{count} {name}{'s' if count > 1 else ''}")
            seconds -= count * length
        if len(parts) == 2:
            break
    return ", ".join(parts)


_WHOLE = (("year", 365 * 86_400), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def span(value: timedelta) -> str:
    """A number of policy in a sentence, exactly: `10 seconds`, `72 hours`, `7 days`, `2 years`.

    In the largest unit that it is a whole number of; up to three days in hours. Parts of a
    second are left out.
    """
    seconds = int(value.total_seconds())
    units = _WHOLE if seconds > 3 * 86_400 else _WHOLE[2:]
    name, length = next(one for one in units if seconds % one[1] == 0)
    number = seconds // length
    return f"{number} {name}{'' if number == 1 else 's'}"


def ago(moment: datetime, now: datetime) -> str:
    """`just now`, `3 min ago`, `in 12 min`, `yesterday, 18:40`, in the zone of `now`."""
    delta = now - moment
    seconds = delta.total_seconds()
    if abs(seconds) < 5:
        return "just now"
    local, today = moment.astimezone(now.tzinfo), now.date()
    days = (today - local.date()).days
    if abs(seconds) < 6 * 3600 or (days == 0 and abs(seconds) < 86_400):
        # In whole minutes: nobody needs the seconds of what was minutes ago.
        words = duration(abs(seconds) if abs(seconds) < 60 else abs(seconds) // 60 * 60)
        return f"{words} ago" if seconds > 0 else f"in {words}"
    clock = local.strftime("%H:%M")
    if days == 1:
        return f"yesterday, {clock}"
    if days == -1:
        return f"tomorrow, {clock}"
    if -7 < days < 7:
        return f"{local:%A} {clock}"
    return f"{local.day} {local:%b %Y}"


_TURNS = frozenset({"R", "AL", "AN", "RLE", "RLO", "LRE", "LRO", "RLI", "LRI", "FSI", "PDF", "PDI"})
_ISOLATE, _END = "\u2068", "\u2069"


def isolated(name: str) -> str:
    """A name in a sentence, which turns no word around it when it runs from right to left.

    In HTML that is what `<bdi>` does; this is for plain text. A name that can turn nothing
    stays as it is.
    """
    if _TURNS.isdisjoint(map(unicodedata.bidirectional, name)):
        return name
    return f"{_ISOLATE}{name}{_END}"


def cut(text: str, most: int) -> str:
    """The text, or its first `most` characters with an ellipsis as the last of them."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


class Texts:
    """Texts of one page that come from outside, within a budget of characters for all of them."""

    def __init__(self, most: int) -> None:
        self._left = most
        self.left_out = 0

    def take(self, text: str) -> str:
        """As much of it as fits; `left_out` counts the rest."""
        shown = text[: self._left]
        self._left -= len(shown)
        self.left_out += len(text) - len(shown)
        return shown + ("…" if len(shown) < len(text) else "")

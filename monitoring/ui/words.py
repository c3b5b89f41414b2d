"""Durations and times in words."""

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


def ago(moment: datetime, now: datetime) -> str:
    """`just now`, `3 min ago`, `in 12 min`, `yesterday, 18:40`, in the zone of `now`."""
    delta = now - moment
    seconds = delta.total_seconds()
    if abs(seconds) < 5:
        return "just now"
    local, today = moment.astimezone(now.tzinfo), now.date()
    days = (today - local.date()).days
    if abs(seconds) < 6 * 3600 or (days == 0 and abs(seconds) < 86_400):
        words = duration(delta)
        return f"{words} ago" if seconds > 0 else f"in {words}"
    clock = local.strftime("%H:%M")
    if days == 1:
        return f"yesterday, {clock}"
    if days == -1:
        return f"tomorrow, {clock}"
    if -7 < days < 7:
        return f"{local:%A} {clock}"
    return f"{local.day} {local:%b %Y}"

"""{% load ui %}: icons, times, durations, chips and key caps, each with one look."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join, strip_tags
from django.utils.safestring import SafeString

from monitoring.tones import ICONS, Tone
from monitoring.ui import words

register = template.Library()


@register.simple_tag
@cache
def icon(name: str, extra: str = "") -> SafeString:
    """An outline icon of the sprite; always beside a word, so hidden from screen readers."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        extra,
        static("vendor/icons/sprite.svg"),
        name,
    )


@register.simple_tag
def chip(tone: str, text: str, name: str = "") -> SafeString:
    """A tinted label with an icon: status is never told by colour alone."""
    return format_html(
        '<span class="chip tone-{}">{}{}</span>', tone, icon(name or ICONS[Tone(tone)]), text
    )


@register.simple_tag
def state(tone: str, text: str, name: str = "", extra: str = "") -> SafeString:
    """An icon and a word in the tone's colour, without a ground."""
    return format_html(
        '<span class="state tone-{}">{}{}</span>',
        tone,
        icon(name or ICONS[Tone(tone)], extra),
        text,
    )


@register.simple_tag
def person(shown: Any) -> SafeString:
    """Somebody's name, kept from turning the words around it when it runs from right to left."""
    return format_html("<bdi>{}</bdi>", shown)


@register.simple_tag
@cache
def key(name: str) -> SafeString:
    """The cap of the key that presses the control it stands on."""
    return format_html('<kbd class="key" aria-hidden="true">{}</kbd>', name)


_CAPS = {"space": "Space", "enter": "↵"}


@register.simple_tag(takes_context=True)
def cap(context: Any, act: str) -> SafeString | str:
    """The cap of the reader's own key for an act, which the context's `keys` tells."""
    name = context["keys"].get(act, "")
    return key(_CAPS.get(name, name.upper())) if name else ""


@register.simple_tag
def ago(moment: datetime | None, empty: str = "never") -> SafeString | str:
    """A relative time with the exact local time on hover; static/js/time.js keeps it true."""
    if moment is None:
        return empty
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}" data-ago>{}</time>',
        moment.isoformat(timespec="seconds"),
        f"{local:%A} {local.day} {local:%B %Y, %H:%M:%S %Z}",
        words.ago(moment, timezone.localtime()),
    )


@register.simple_tag
def lasts(since: datetime) -> SafeString:
    """How long something lasts until now; static/js/time.js keeps it true."""
    return format_html(
        '<time datetime="{}" data-lasts>{}</time>',
        since.isoformat(timespec="seconds"),
        words.duration(timezone.now() - since),
    )


# As programs write them, with a zone; or a day alone.
_WRITTEN = re.compile(
    r"\b(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(Z| UTC|[+-]\d\d:\d\d))?(?![\w-])"
)


@register.filter
def timely(text: Any) -> SafeString | str:
    """A text in which times that a program wrote stand as everywhere: `until <time>…</time>`."""
    return format_html_join("", "{}", ((part,) for part in _parts(str(text))))


def _parts(whole: str) -> list[SafeString | str]:
    """The text, its times as markup."""
    parts: list[SafeString | str] = []
    at = 0
    for found in _WRITTEN.finditer(whole):
        shown = _shown(*found.groups())
        if shown is not None:
            parts += [whole[at : found.start()], shown]
            at = found.end()
    return [*parts, whole[at:]]


def _cut(parts: list[SafeString | str], most: int) -> Iterator[SafeString | str]:
    """What fits into so many characters that people see, with an ellipsis as the last of them; a
    time is whole or not there."""
    left = most
    more = sum(len(strip_tags(part)) for part in parts)
    for part in parts:
        long = len(strip_tags(part))
        more -= long
        if long + bool(more) > left:
            yield "…" if isinstance(part, SafeString) else words.cut(part + "…" * bool(more), left)
            return
        yield part
        left -= long


def _shown(day: str, clock: str | None, zone: str | None) -> SafeString | str | None:
    try:
        if clock is None:
            on = date.fromisoformat(day)
            return f"{on.day} {on:%b %Y}"
        offset = "+00:00" if zone in ("Z", " UTC") else zone
        return ago(datetime.fromisoformat(f"{day}T{clock}{offset}").astimezone(UTC))
    except (ValueError, OverflowError):
        return None  # no day of the calendar


_FACT_AT_MOST = 40
# Hashes and random ids: enough of them to tell two apart.
_RANDOM = re.compile(r"\b[0-9a-f][0-9a-f-]{30,}\b")


@register.filter
def fact(value: Any) -> SafeString | str:
    """A fact of the audit trail for people: times as everywhere, yes and no, lists in a row."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "–"
    if isinstance(value, dict):
        value = ", ".join(f"{name.replace('_', ' ')} {one}" for name, one in value.items())
    elif isinstance(value, list):
        value = ", ".join(map(str, value))
    short = _RANDOM.sub(lambda found: f"{found[0][:8]}…", str(value))
    kept = _cut(_parts(short), _FACT_AT_MOST)
    return format_html_join("", "{}", ((part,) for part in kept))


@register.filter
def duration(value: timedelta | float | None) -> str:
    return words.duration(value)


@register.filter
def span(value: timedelta) -> str:
    return words.span(value)


@register.filter
def minutes(value: timedelta) -> str:
    """In whole minutes, so that it is not wrong a second later: `under 1 min`, `4 min`."""
    whole = timedelta(minutes=value // timedelta(minutes=1))
    return words.duration(whole) if whole else "under 1 min"


@register.filter
def roughly(value: timedelta | float | None) -> str:
    """Only the largest unit: `3 years`, `9 days`, `4 h`."""
    return words.duration(value).split(", ")[0]


_UNITS = {"year": "y", "month": "mo", "day": "d"}


@register.filter
def briefly(value: timedelta | float | None) -> str:
    """Only the largest unit, in letters: `3 y`, `8 mo`, `9 d`, `4 h`."""
    number, _, unit = words.duration(value).split(", ")[0].partition(" ")
    return f"{number} {_UNITS.get(unit.rstrip('s'), unit)}"


@register.filter
def days_clock(moment: datetime) -> str:
    """`Thursday 05:20` in the reader's zone."""
    return f"{timezone.localtime(moment):%A %H:%M}"


# What a poll adds to tell the server what it has; no link of a page carries it.
_OF_POLLS = ("seen", "total", "part")


@register.simple_tag(takes_context=True)
def query(context: Any, **changes: Any) -> str:
    """The query string of this page with some values changed; an empty value drops one."""
    found = context["request"].GET.copy()
    for name in _OF_POLLS:
        found.pop(name, None)
    for name, value in changes.items():
        if value in (None, ""):
            found.pop(name, None)
        else:
            found[name] = value
    return f"?{found.urlencode()}"

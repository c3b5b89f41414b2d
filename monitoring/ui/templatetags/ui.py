"""{% load ui %}: icons, times, durations, chips and key caps, each with one look."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
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


@register.filter
def duration(value: timedelta | float | None) -> str:
    return words.duration(value)


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

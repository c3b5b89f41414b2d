"""Single-key shortcuts: what each key does, and each person's own choice (WCAG 2.1.4)."""

from collections.abc import Mapping
from typing import Any

from django.core.cache import cache
from django.db import models, transaction

from growmies_admin.accounts.models import KeyChoice, Staff
from monitoring.refusals import Refusal

CACHE_SECONDS = 600


class Act(models.TextChoices):
    """What a key can do. The values stand in templates, as in {% cap "approve" %}."""

    DOWN = "down", "Next in the list"
    UP = "up", "Previous in the list"
    OPEN = "open", "Open and claim"
    NEXT = "next", "Next request"
    REVEAL = "reveal", "Reveal the picture"
    ZOOM = "zoom", "Zoom in"
    ZOOM_OUT = "zoom_out", "Zoom out"
    FIT = "fit", "Fit the picture"
    ROTATE = "rotate", "Rotate"
    APPROVE = "approve", "Approve"
    DENY = "deny", "Deny, then a digit for the reason"
    MORE = "more", "Ask for more"
    ESCALATE = "escalate", "Escalate"
    RELEASE = "release", "Release without deciding"
    UNDO = "undo", "Undo the last decision"
    SEARCH = "search", "Find a member"
    HELP = "help", "List of keys"


DEFAULTS: dict[str, str] = {
    Act.DOWN: "j",
    Act.UP: "k",
    Act.OPEN: "enter",
    Act.NEXT: "n",
    Act.REVEAL: "space",
    Act.ZOOM: "z",
    Act.ZOOM_OUT: "x",
    Act.FIT: "f",
    Act.ROTATE: "o",
    Act.APPROVE: "a",
    Act.DENY: "d",
    Act.MORE: "m",
    Act.ESCALATE: "e",
    Act.RELEASE: "r",
    Act.UNDO: "u",
    Act.SEARCH: "/",
    Act.HELP: "?",
}
_NAMES = {"space": "Space", "enter": "↵"}


def of(staff: Staff) -> Mapping[str, str]:
    """Act -> key for one person; an act whose default was taken by another one has "" ."""
    kept: dict[str, str] | None = cache.get(_cache_name(staff))
    if kept is None:
        kept = dict(KeyChoice.objects.filter(staff=staff).values_list("act", "key"))
        cache.set(_cache_name(staff), kept, CACHE_SECONDS)
    if not kept:
        return DEFAULTS
    taken = set(kept.values())
    return {
        act: kept.get(act, "" if default in taken else default) for act, default in DEFAULTS.items()
    }


def choose(staff: Staff, wanted: Mapping[str, str]) -> None:
    """Keep a key for each act. Raises Refusal (details: act); then nothing has changed."""
    chosen: dict[str, str] = {}
    for act, default in DEFAULTS.items():
        key = read(wanted.get(act, default))
        if key is None:
            raise Refusal(
                "invalid", "One letter or sign, Space or Enter. Digits give reasons.", act=act
            )
        for other, its_key in chosen.items():
            if its_key == key:
                words = f"“{named(key)}” already does “{Act(other).label}”."
                raise Refusal("taken", words, act=act)
        chosen[act] = key
    with transaction.atomic():
        Staff.objects.select_for_update().get(pk=staff.pk)
        KeyChoice.objects.filter(staff=staff).delete()
        if chosen != DEFAULTS:
            KeyChoice.objects.bulk_create(
                KeyChoice(staff=staff, act=act, key=key) for act, key in chosen.items()
            )
    cache.delete(_cache_name(staff))


def reset(staff: Staff) -> None:
    """Back to the keys that everybody begins with."""
    KeyChoice.objects.filter(staff=staff).delete()
    cache.delete(_cache_name(staff))


def read(text: Any) -> str | None:
    """A key as it is kept, from what somebody typed; None when it can't be one."""
    key = str(text)
    if key == " ":
        return "space"
    key = key.strip().lower()
    if key in {"space", "enter"}:
        return key
    if len(key) != 1 or key.isdigit() or not key.isprintable():
        return None
    return key


def named(key: str) -> str:
    """A key as its cap shows it."""
    return _NAMES.get(key, key.upper())


def _cache_name(staff: Staff) -> str:
    return f"keys.{staff.pk}"

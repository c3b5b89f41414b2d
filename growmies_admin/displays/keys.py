"""Keys of displays: issue, authenticate, replace.

A key is 32 random bytes in a cookie of the screen; the database holds its SHA-256 only.
"""

import hashlib
import secrets
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from growmies_admin import policy
from growmies_admin.displays import screens
from growmies_admin.displays.models import Display, DisplayKey, Ending, Pairing
from monitoring.audit import trail
from monitoring.audit.models import Category, Severity

UNKNOWN, REPLACED = "unknown", "replaced"


class NotAccepted(Exception):
    """A key that opens no board. `why` is an Ending, `replaced` or `unknown`; the display is
    there unless it is unknown."""

    def __init__(self, why: str, display: Display | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.display = display


class Accepted(NamedTuple):
    display: Display
    new_key: str  # for the screen to keep from now on; empty when the present one stays


def issue(display: Display) -> str:
    """A new key for a display, in plain text, which can't be had again."""
    plain = secrets.token_urlsafe(32)
    DisplayKey.objects.create(display=display, key_hash=_hash(plain))
    return plain


def authenticate(plain: str) -> Accepted:
    """The display whose key this is. Raises NotAccepted.

    Notes that it was seen, ends older keys at the first use of a newer one, and gives a new
    key when this one is old enough.
    """
    key = (
        DisplayKey.objects.select_related("display").filter(key_hash=_hash(plain)).first()
        if plain
        else None
    )
    if key is None:
        raise NotAccepted(UNKNOWN)
    display, now = key.display, timezone.now()
    if display.ended_at is None and screens.end_unseen(only=display, now=now):
        raise NotAccepted(Ending.UNSEEN, Display.objects.get(pk=display.pk))
    if display.ended_at is not None:
        raise NotAccepted(display.ending, display)
    if key.has_ended(now):
        _note_tried_again(key, now)
        raise NotAccepted(REPLACED, display)
    if key.first_used_at is None:
        _arrived(key, now)
    _note_seen(display, now)
    return Accepted(display, _replacement(key, now))


def _arrived(key: DisplayKey, now: datetime) -> None:
    """The screen has this key: older ones end after the overlap, and pairing is over."""
    with transaction.atomic():
        if not DisplayKey.objects.filter(pk=key.pk, first_used_at=None).update(first_used_at=now):
            return
        key.display.keys.filter(pk__lt=key.pk, replaced_at=None).update(replaced_at=now)
        spent = Pairing.objects.filter(display=key.display, spent_at=None).update(spent_at=now)
        if spent:
            trail.record(
                "display.connected",
                category=Category.ACCESS,
                target=key.display,
                data={"name": key.display.name, "board": key.display.board},
            )


def _replacement(key: DisplayKey, now: datetime) -> str:
    """A newer key, by one of several requests at once; another one when it did not arrive."""
    if key.made_at > now - policy.DISPLAY_KEY_LIFE:
        return ""
    won = Display.objects.live().filter(
        pk=key.display_id, key_made_at__lte=now - policy.DISPLAY_KEY_RETRY
    )
    return issue(key.display) if won.update(key_made_at=now) else ""


def _note_seen(display: Display, now: datetime) -> None:
    before = now - policy.DISPLAY_SEEN_EVERY
    if display.last_seen_at is None or display.last_seen_at <= before:
        Display.objects.filter(
            Q(last_seen_at__isnull=True) | Q(last_seen_at__lte=before), pk=display.pk
        ).update(last_seen_at=now)


def _note_tried_again(key: DisplayKey, now: datetime) -> None:
    """Once a key: a copied cookie, or a browser that was set back to an older state."""
    with transaction.atomic():
        if DisplayKey.objects.filter(pk=key.pk, tried_again_at=None).update(tried_again_at=now):
            trail.record(
                "display.old_key_tried",
                category=Category.ACCESS,
                severity=Severity.WARNING,
                target=key.display,
                data={"name": key.display.name, "made_at": key.made_at.isoformat()},
            )


def _hash(plain: str) -> bytes:
    return hashlib.sha256(plain.encode()).digest()

"""Who must have a second factor, who has one, and what holds without.

Whoever must have one has no right at all without it, once the grace is over (backends.py), and
is led to the page where one is added (middleware.py). Adding one is always possible.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.internal.flows.login import (
    AUTHENTICATION_METHODS_SESSION_KEY,
    get_authentication_records,
    record_authentication,
)
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from growmies_admin.accounts import telling
from growmies_admin.accounts.models import Staff
from growmies_admin.accounts.rights import Role
from monitoring.tones import Tone

# Recovery codes are no factor of their own: they exist beside one of these.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
_ALWAYS = frozenset({Role.COMPLIANCE, Role.OPERATOR, Role.ADMINISTRATOR})


def is_required(person: Staff) -> bool:
    """By role. Practice accounts are exempt: their passwords are printed at the start."""
    needing = _ALWAYS | ({Role.MODERATOR} if settings.SECOND_FACTOR_MODERATORS else set())
    return not person.is_practice and bool(person.role_set() & needing)


def has_one(person: Staff) -> bool:
    return bool(Authenticator.objects.filter(user=person, type__in=FACTORS).exists())


def is_missing(person: Staff) -> bool:
    """Whether they need one, have none, and the grace is over; asked once per object."""
    cached: bool | None = getattr(person, "_factor_missing", None)
    if cached is None:
        cached = is_required(person) and not _in_grace(person) and not has_one(person)
        person._factor_missing = cached  # type: ignore[attr-defined]
    return cached


def due(person: Staff) -> datetime | None:
    """Until when they may do without; None for whoever need not, has one, or is past it."""
    if is_required(person) and _in_grace(person) and not has_one(person):
        return person.grace_until
    return None


def _in_grace(person: Staff) -> bool:
    return person.grace_until is not None and person.grace_until > timezone.now()


@dataclass(frozen=True)
class Shown:
    """One person on /staff/, with what is said of their second factor."""

    person: Staff
    words: str
    tone: Tone
    until: datetime | None
    has_one: bool

    @property
    def is_told(self) -> str:
        """Whether they would hear of a reset, in a sentence."""
        return telling.promise(self.person)


_NAMES = {Authenticator.Type.TOTP: "app", Authenticator.Type.WEBAUTHN: "passkey"}


def of_all(people: Iterable[Staff]) -> list[Shown]:
    """What /staff/ shows; one query for all."""
    found: dict[int, set[str]] = {}
    pairs = Authenticator.objects.filter(type__in=FACTORS).values_list("user_id", "type")
    for pk, kind in pairs:
        found.setdefault(pk, set()).add(kind)
    return [_shown(person, found.get(person.pk, set())) for person in people]


def _shown(person: Staff, kinds: set[str]) -> Shown:
    if kinds:
        words = " and ".join(name for kind, name in _NAMES.items() if kind in kinds)
        return Shown(person, words, Tone.OK, None, True)
    if person.is_active and is_required(person):
        until = person.grace_until if _in_grace(person) else None
        return Shown(person, "missing", Tone.WARN if until else Tone.CRITICAL, until, False)
    return Shown(person, "none", Tone.MUTED, None, False)


def proven(request: HttpRequest, person: Staff, authenticator: Any) -> None:
    """Adding one proves it: from now on it confirms acts in this session, a password does not."""
    records = get_authentication_records(request, person)
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {**record, "reauthenticated": False} for record in records
    ]
    facts = {"id": authenticator.pk, "type": authenticator.type, "reauthenticated": True}
    record_authentication(request, person, "mfa", **facts)

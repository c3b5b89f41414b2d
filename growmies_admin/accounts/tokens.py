"""Acts on API tokens: issue, revoke, authenticate.

A token is `gma_` and 32 random bytes. The database holds its SHA-256 only: 256 random bits
need no salt and no slow hash. Whatever is presented is hashed whole and looked for in one
statement: how long a refusal takes tells nothing of a token that exists.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from growmies_admin import policy
from growmies_admin.accounts.models import ApiToken, Staff
from growmies_admin.accounts.scopes import NEEDS, Scope
from monitoring.audit import trail
from monitoring.audit.models import Category

MARK = "gma_"  # log_setup.py cuts out what begins with it
_PREFIX_LENGTH = len(MARK) + 6


class NotIssued(Exception):
    """A token that was not made; the message says why."""


class Refused(Exception):
    """A token that does not open this. `code` is stable, the message is for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class NotAccepted(Refused):
    """The token opens nothing at all."""


class NotAllowed(Refused):
    """The token is good, but not for this."""


@transaction.atomic
def issue(
    name: str,
    *,
    owner: Staff,
    scopes: Iterable[str],
    by: Staff,
    life: timedelta = policy.API_TOKEN_LIFE,
) -> tuple[ApiToken, str]:
    """A new token and its plain text, which can't be had again.

    Raises NotIssued for an owner who has left or lacks a right that a scope needs, for a name
    that they have already, and for a life that is not above 0 and at most a year.
    """
    # Locked, so that somebody who is leaving at this moment keeps no token.
    owner = Staff.objects.select_for_update(no_key=True).get(pk=owner.pk)
    wanted = sorted({Scope(scope) for scope in scopes})
    if not owner.is_active:
        raise NotIssued(f"{owner} has left.")
    if not wanted:
        raise NotIssued("A token needs a scope.")
    for scope in wanted:
        if not owner.has_perm(NEEDS[scope]):
            raise NotIssued(f"{owner} has no role that may: {scope.label.lower()}.")
    if not timedelta(0) < life <= policy.API_TOKEN_LIFE_MOST:
        raise NotIssued(f"A token lives for {policy.API_TOKEN_LIFE_MOST.days} days at most.")
    if owner.api_tokens.live().filter(name=name).exists():
        raise NotIssued(f"{owner} has a token of this name; revoke it, or choose another name.")
    for expired in owner.api_tokens.filter(name=name, revoked_at__isnull=True):
        revoke(expired, by=by)  # its name is free again
    plain = MARK + secrets.token_urlsafe(32)
    now = timezone.now()
    token = ApiToken.objects.create(
        name=name,
        owner=owner,
        scopes=wanted,
        token_hash=_hash(plain),
        prefix=plain[:_PREFIX_LENGTH],
        created_at=now,
        expires_at=now + life,
    )
    data = {**_facts(token, owner), "scopes": wanted, "expires_at": token.expires_at.isoformat()}
    trail.record("token.issued", category=Category.ACCESS, actor=by, target=token, data=data)
    return token, plain


@transaction.atomic
def revoke(token: ApiToken, *, by: Staff) -> bool:
    """It opens nothing from now on. False when somebody has revoked it already."""
    revoked = ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(
        revoked_at=timezone.now()
    )
    if revoked:
        data = _facts(token, token.owner)
        trail.record("token.revoked", category=Category.ACCESS, actor=by, target=token, data=data)
    return bool(revoked)


@transaction.atomic
def revoke_all_of(owner: Staff, *, by: Staff) -> int:
    """For somebody who leaves staff; returns how many tokens there were."""
    return sum(revoke(token, by=by) for token in owner.api_tokens.filter(revoked_at__isnull=True))


def authenticate(plain: str, scope: Scope | None) -> ApiToken:
    """The live token that this is, with its owner; None asks for no scope.

    Raises NotAccepted for one that is unknown, revoked or expired, or whose owner has left,
    and NotAllowed without the scope, or when the owner lacks the right that the scope needs.
    """
    token = ApiToken.objects.select_related("owner").filter(token_hash=_hash(plain)).first()
    now = timezone.now()
    if token is None:
        raise NotAccepted("token_unknown", "This token is unknown.")
    if token.revoked_at is not None:
        raise NotAccepted("token_revoked", "This token was revoked.")
    if token.expires_at <= now:
        raise NotAccepted("token_expired", "This token has expired; ask for a new one.")
    if not token.owner.is_active:
        raise NotAccepted("owner_left", "The owner of this token has left staff.")
    if scope is not None:
        _check(token, scope)
    _note_use(token, now)
    return token


def _check(token: ApiToken, scope: Scope) -> None:
    if scope not in token.scopes:
        raise NotAllowed("scope_missing", f"This token lacks the scope {scope.value}.")
    if not token.owner.has_perm(NEEDS[scope]):
        raise NotAllowed("right_missing", "The owner of this token has no role that may do this.")


def _note_use(token: ApiToken, now: datetime) -> None:
    """Once a minute at most, and by one of several requests at once."""
    before = now - policy.API_TOKEN_USE_NOTED_EVERY
    if token.last_used_at is None or token.last_used_at <= before:
        ApiToken.objects.filter(
            Q(last_used_at__isnull=True) | Q(last_used_at__lte=before), pk=token.pk
        ).update(last_used_at=now)


def _hash(plain: str) -> bytes:
    return hashlib.sha256(plain.encode()).digest()


def _facts(token: ApiToken, owner: Staff) -> dict[str, Any]:
    return {"username": owner.username, "token": token.name, "prefix": token.prefix}

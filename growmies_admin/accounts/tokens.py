"""Acts on API tokens: issue, open, revoke, authenticate.

An administrator issues one, and its owner opens it: only then is there a token, and only they
see it. It is `gma_` and 32 random bytes. The database holds its SHA-256 only: 256 random bits
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
from growmies_admin.accounts import practice, second_factor
from growmies_admin.accounts.models import ApiToken, Staff
from growmies_admin.accounts.refusals import Refusal
from growmies_admin.accounts.scopes import NEEDS, Scope
from monitoring.audit import trail
from monitoring.audit.models import Category

MARK = "gma_"  # log_setup.py cuts out what begins with it
_PREFIX_LENGTH = len(MARK) + 6


@transaction.atomic
def issue(
    name: str,
    *,
    owner: Staff,
    scopes: Iterable[str],
    by: Staff,
    life: timedelta = policy.API_TOKEN_LIFE,
) -> ApiToken:
    """A new token, for its owner to open within API_TOKEN_OPENED_WITHIN. It ends after `life`.

    Raises Refusal for oneself, for an owner who has left or lacks a right that a scope needs,
    for a name that they have already, and for a life that is not above 0 and at most a year.
    """
    # Locked, so that somebody who is leaving at this moment keeps no token.
    owner = Staff.objects.select_for_update(no_key=True).get(pk=owner.pk)
    wanted = sorted({Scope(scope) for scope in scopes})
    if not owner.is_active:
        raise Refusal("not_allowed", f"{owner} has left.")
    if not wanted:
        raise Refusal("invalid", "A token needs a scope.")
    for scope in wanted:
        if not owner.has_perm(NEEDS[scope]):
            raise Refusal("invalid", f"{owner} has no role that may: {scope.label.lower()}.")
    if owner.pk == by.pk:
        raise Refusal("own", "Somebody else has to make a token of yours.")
    if not timedelta(0) < life <= policy.API_TOKEN_LIFE_MOST:
        raise Refusal(
            "invalid", f"A token lives for {policy.API_TOKEN_LIFE_MOST.days} days at most."
        )
    if owner.api_tokens.current().filter(name=name).exists():
        raise Refusal(
            "taken", f"{owner} has a token of this name; revoke it, or choose another name."
        )
    for ended in owner.api_tokens.filter(name=name, revoked_at__isnull=True):
        revoke(ended, by=by)  # its name is free again
    now = timezone.now()
    token = ApiToken.objects.create(
        name=name,
        owner=owner,
        scopes=wanted,
        created_at=now,
        expires_at=now + life,
    )
    data = {**_facts(token, owner), "scopes": wanted, "expires_at": token.expires_at.isoformat()}
    trail.record("token.issued", category=Category.ACCESS, actor=by, target=token, data=data)
    return token


@transaction.atomic
def open_once(token_id: int, *, owner: Staff) -> tuple[ApiToken, str]:
    """Make the token that was issued, and its plain text, which can't be had again.

    Raises Refusal for one of somebody else, and for one that was opened before, revoked, or
    not opened in time.
    """
    plain = MARK + secrets.token_urlsafe(32)
    waiting = owner.api_tokens.waiting().filter(pk=token_id)
    opened = waiting.update(
        token_hash=_hash(plain), prefix=plain[:_PREFIX_LENGTH], opened_at=timezone.now()
    )
    if not opened:
        raise Refusal(
            "over",
            "This can't be opened: it was opened before, revoked, or has waited for too long. "
            "Ask an administrator for a new one.",
        )
    token = ApiToken.objects.get(pk=token_id)
    data = _facts(token, owner)
    trail.record("token.opened", category=Category.ACCESS, actor=owner, target=token, data=data)
    return token, plain


@transaction.atomic
def revoke(token: ApiToken, *, by: Staff | None) -> bool:
    """It opens nothing from now on. False when somebody has revoked it already."""
    revoked = ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(
        revoked_at=timezone.now()
    )
    if revoked:
        data = _facts(token, token.owner)
        trail.record("token.revoked", category=Category.ACCESS, actor=by, target=token, data=data)
    return bool(revoked)


@transaction.atomic
def revoke_all_of(owner: Staff, *, by: Staff | None) -> int:
    """For somebody who leaves staff; returns how many tokens there were."""
    return sum(revoke(token, by=by) for token in owner.api_tokens.filter(revoked_at__isnull=True))


def authenticate(plain: str, scope: Scope | None) -> ApiToken:
    """The live token that this is, with its owner; None asks for no scope.

    Raises Refusal for one that is unknown, revoked or expired, or whose owner has left or
    lacks the second factor that their role needs,
    and 403 without the scope, or when the owner lacks the right that the scope needs.
    """
    token = ApiToken.objects.select_related("owner").filter(token_hash=_hash(plain)).first()
    now = timezone.now()
    if token is None:
        raise Refusal("token_unknown", "This token is unknown.")
    if token.revoked_at is not None:
        raise Refusal("token_revoked", "This token was revoked.")
    if token.expires_at <= now:
        raise Refusal("token_expired", "This token has expired; ask for a new one.")
    if not token.owner.is_active or practice.is_over_for(token.owner):
        raise Refusal("owner_left", "The owner of this token has left staff.")
    if second_factor.is_missing(token.owner):
        sentence = "The owner of this token must add a second factor first."
        raise Refusal("second_factor_missing", sentence)
    if scope is not None:
        _check(token, scope)
    _note_use(token, now)
    return token


def _check(token: ApiToken, scope: Scope) -> None:
    if scope not in token.scopes:
        raise Refusal("scope_missing", f"This token lacks the scope {scope.value}.")
    if not token.owner.has_perm(NEEDS[scope]):
        raise Refusal("right_missing", "The owner of this token has no role that may do this.")


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
    facts = {"username": owner.username, "token": token.name}
    return {**facts, "prefix": token.prefix} if token.prefix else facts

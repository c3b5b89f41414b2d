"""What the audit trail says of sign-ins: who came in and how, who failed, who changed what.

What was typed is never kept. A failure names the account when there is one. Of the address the
network is kept: /24, or /48 of IPv6. Failures of one account are told together, at most one
entry a minute, with their count; the first one at once.
"""

import ipaddress
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.signals import password_changed, password_set, user_logged_in
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.socialaccount import signals as social
from django.contrib.auth.signals import user_logged_out
from django.db import models, transaction
from django.http import HttpRequest
from django.utils import timezone

from growmies_admin import policy
from growmies_admin.accounts import second_factor, staff
from growmies_admin.accounts.models import FailedSignIns, Staff
from monitoring.audit import trail
from monitoring.audit.models import Category, Severity

_CODES = Authenticator.Type.RECOVERY_CODES


class How(models.TextChoices):
    """By what somebody came in, or failed to."""

    PASSWORD = "password", "Password"
    CODE = "code", "Code of a second factor"
    PASSKEY = "passkey", "Passkey"
    DISCORD = "discord", "Discord"
    LINK = "password link", "Password link"


def network_of(request: HttpRequest) -> str:
    """The network of whoever asks; "" when the address is none."""
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return ""
    length = 24 if address.version == 4 else 48
    return str(ipaddress.ip_network(f"{address}/{length}", strict=False))


@transaction.atomic
def failed(request: HttpRequest, person: Staff | None, how: How) -> None:
    """Somebody failed to sign in, or to confirm who they are; None: no account of this name."""
    now = timezone.now()
    row, is_first = FailedSignIns.objects.select_for_update().get_or_create(
        staff=person, how=how, defaults={"told_at": now}
    )
    row.waiting, row.network = row.waiting + 1, network_of(request)
    if is_first or row.told_at <= now - policy.FAILED_SIGN_INS_TOLD_EVERY:
        _tell(row)
    else:
        row.save(update_fields=["waiting", "network"])


def tell_waiting() -> int:
    """Write down failures that wait for a minute; returns how many entries it made."""
    before = timezone.now() - policy.FAILED_SIGN_INS_TOLD_EVERY
    due = FailedSignIns.objects.filter(waiting__gt=0, told_at__lte=before)
    with transaction.atomic():
        rows = list(due.select_for_update(skip_locked=True, of=("self",)).select_related("staff"))
        for row in rows:
            _tell(row)
    return len(rows)


def _tell(row: FailedSignIns) -> None:
    trail.record(
        "staff.sign_in_failed",
        category=Category.ACCESS,
        severity=Severity.WARNING,
        target=row.staff,
        data={
            "username": row.staff.username if row.staff else "unknown",
            "by": row.how,
            "count": row.waiting,
            "network": row.network,
        },
    )
    row.waiting, row.told_at, row.network = 0, timezone.now(), ""
    row.save(update_fields=["waiting", "told_at", "network"])


def password_chosen(request: HttpRequest, person: Staff) -> None:
    """By a password link, before anybody has signed in."""
    _record("staff.password_set", person, {"by": How.LINK, "network": network_of(request)})


def codes_viewed(request: HttpRequest) -> None:
    if isinstance(request.user, Staff):
        _record("staff.recovery_codes_viewed", request.user, {})


def connect() -> None:
    """Listen to allauth and Django; called once all apps are there."""
    user_logged_in.connect(_signed_in, dispatch_uid="access_trail.signed_in")
    user_logged_out.connect(_signed_out, dispatch_uid="access_trail.signed_out")
    password_changed.connect(_password_changed, dispatch_uid="access_trail.password_changed")
    password_set.connect(_password_changed, dispatch_uid="access_trail.password_set")
    mfa.authenticator_added.connect(_added, dispatch_uid="access_trail.added")
    mfa.authenticator_removed.connect(_removed, dispatch_uid="access_trail.removed")
    mfa.authenticator_reset.connect(_reset, dispatch_uid="access_trail.reset")
    mfa.authenticator_used.connect(_used, dispatch_uid="access_trail.used")
    social.social_account_added.connect(_connected, dispatch_uid="access_trail.connected")
    social.social_account_removed.connect(_disconnected, dispatch_uid="access_trail.disconnected")
    mfa.authentication_failed.connect(_wrong_code, dispatch_uid="access_trail.wrong_code")


def _signed_in(request: HttpRequest, user: Staff, by: str = "", **_: Any) -> None:
    records = get_authentication_records(request, user)
    factors = [record["type"] for record in records if record["method"] == "mfa"]
    if not by:
        by = _by({record["method"] for record in records})
    facts = {"by": by, "second_factor": factors[-1] if factors else "none"}
    _record("staff.signed_in", user, {**facts, "network": network_of(request)})


def _by(methods: set[str]) -> str:
    if "socialaccount" in methods:
        return How.DISCORD
    return How.PASSWORD if "password" in methods else How.PASSKEY


def _signed_out(user: Any, **_: Any) -> None:
    if isinstance(user, Staff):
        _record("staff.signed_out", user, {})


def _password_changed(request: HttpRequest, user: Staff, **_: Any) -> None:
    _record("staff.password_changed", user, {})
    staff.end_sessions(user, but=request.session.session_key)


def _added(request: HttpRequest, user: Staff, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type == _CODES:
        _record("staff.recovery_codes_made", user, {})
        return
    _record("staff.factor_added", user, {"factor": authenticator.type})
    # A session that was opened without it goes on here only, where it was proven.
    second_factor.proven(request, user, authenticator)
    staff.end_sessions(user, but=request.session.session_key)


def _removed(user: Staff, authenticator: Authenticator, **_: Any) -> None:
    _record("staff.factor_removed", user, {"factor": authenticator.type})


def _reset(user: Staff, **_: Any) -> None:
    _record("staff.recovery_codes_made", user, {})


def _used(user: Staff, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type == _CODES:
        _record("staff.recovery_code_used", user, {})


def _connected(request: HttpRequest, sociallogin: Any, **_: Any) -> None:
    _record("staff.discord_connected", sociallogin.user, {})


def _disconnected(request: HttpRequest, socialaccount: Any, **_: Any) -> None:
    _record("staff.discord_disconnected", socialaccount.user, {})


def _wrong_code(request: HttpRequest, user: Staff, **_: Any) -> None:
    failed(request, user, How.CODE)


def _record(action: str, person: Staff, data: dict[str, Any]) -> None:
    trail.record(
        action,
        category=Category.ACCESS,
        actor=person,
        target=person,
        data={"username": person.username, **data},
    )

"""Acts on staff: invite, give roles, let go. Each is one transaction and an audit entry."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from compliance.desk import giving_back
from growmies_admin import policy
from growmies_admin.accounts import practice, tokens
from growmies_admin.accounts.models import RoleAssignment, Staff
from growmies_admin.accounts.rights import STAFF_ROLES, Role
from monitoring.alerts import raising
from monitoring.audit import trail
from monitoring.audit.models import Category, Severity
from monitoring.refusals import Refusal
from monitoring.ui.words import span

BREAK_GLASS_USED = raising.Kind("BreakGlassUsed", "critical", "access")


class _PasswordLinks(PasswordResetTokenGenerator):
    """Links die when used, with every sign-in, and when their owner is deactivated.

    Also with a reset of the second factor: one that was made before would open all by itself.
    """

    def _make_hash_value(self, user: Staff, timestamp: int) -> str:
        ended = f"{user.deactivated_at or ''}{user.factor_reset_at or ''}"
        return f"{super()._make_hash_value(user, timestamp)}{ended}"


password_links = _PasswordLinks()


@transaction.atomic
def invite(
    username: str, *, by: Staff | None, roles: list[str], email: str = "", discord_id: int | None
) -> tuple[Staff, str]:
    """A new staff member, and the link under which they choose their password, once."""
    staff = Staff.objects.create_user(username, email=email, discord_id=discord_id)
    for role in roles:
        RoleAssignment.objects.create(staff=staff, role=Role(role), given_by=by)
    _record("staff.invited", staff, by, {"roles": roles})
    return staff, password_link(staff)


@transaction.atomic
def new_password_link(staff: Staff, *, by: Staff) -> str:
    """For a staff member who forgot the password. Raises Refusal for anyone who has left."""
    if not staff.is_active:
        raise Refusal("not_allowed", f"{staff} is deactivated; reactivate them first.")
    _record("staff.password_link_made", staff, by, {})
    return password_link(staff)


def password_link(staff: Staff) -> str:
    """A one-time link to choose a password; it signs nobody in past their second factor."""
    uid = urlsafe_base64_encode(force_bytes(staff.pk))
    token = password_links.make_token(staff)
    return settings.PUBLIC_URL + reverse("staff_password", args=[uid, token])


@transaction.atomic
def set_roles(staff: Staff, roles: list[str], *, by: Staff) -> None:
    """The roles of a staff member from now on. Nobody takes the last administrator away.

    Without a role that may decide, their claims end at once.
    """
    wanted = {Role(role) for role in roles}
    if not wanted <= set(STAFF_ROLES):
        raise Refusal("invalid", "Displays are paired at /displays/; nobody on staff is one.")
    if Role.ADMINISTRATOR not in wanted:
        _keep_one_administrator(staff)
    before = sorted(staff.roles.values_list("role", flat=True))
    staff.roles.exclude(role__in=wanted).delete()
    for role in wanted:
        given, made = RoleAssignment.objects.get_or_create(
            staff=staff, role=role, defaults={"given_by": by}
        )
        if not made and not given.in_force():
            # An hour of break-glass is over: now the role is given for good.
            given.ends_at, given.given_at, given.given_by = None, timezone.now(), by
            given.save(update_fields=["ends_at", "given_at", "given_by"])
    _record("staff.roles_changed", staff, by, {"before": before, "after": sorted(wanted)})
    giving_back.of_what_they_may_not(staff, by=by)


@transaction.atomic
def deactivate(staff: Staff, *, by: Staff | None) -> None:
    """Leaving staff are signed out everywhere; their API tokens and claims end, at once."""
    if by is not None and staff.pk == by.pk:
        raise Refusal("own", "You can't deactivate yourself.")
    _keep_one_administrator(staff)
    Staff.objects.filter(pk=staff.pk).update(is_active=False, deactivated_at=timezone.now())
    end_sessions(staff)
    tokens.revoke_all_of(staff, by=by)
    giving_back.of(staff, by=by)
    _record("staff.deactivated", staff, by, {})


@transaction.atomic
def end_practice_accounts() -> list[str]:
    """Deactivates all practice accounts, for a start outside practice mode; returns their names.

    Raises practice.NoAdministrator, with nothing changed, when nobody else could administer.
    """
    practice.refuse_to_administer()
    ended = list(practice.active().order_by("username"))
    for staff in ended:
        deactivate(staff, by=None)
    return [staff.username for staff in ended]


@transaction.atomic
def reactivate(staff: Staff, *, by: Staff) -> None:
    """Raises Refusal for a practice account outside practice mode."""
    _refuse_practice(staff)
    Staff.objects.filter(pk=staff.pk).update(is_active=True)
    _record("staff.reactivated", staff, by, {})


@transaction.atomic
def break_glass(username: str) -> tuple[Staff, str]:
    """A one-hour administrator for an emergency; a critical audit entry says so.

    The hour needs no second factor. Whoever has one is asked for it all the same: who lost
    theirs takes another name. Raises Refusal for a practice account outside practice mode.
    """
    ends_at = timezone.now() + policy.BREAK_GLASS
    staff = Staff.objects.filter(username=username).first() or Staff.objects.create_user(
        username, grace_until=ends_at
    )
    _refuse_practice(staff)
    Staff.objects.filter(pk=staff.pk).update(
        is_active=True, grace_until=Greatest("grace_until", ends_at)
    )
    given, made = RoleAssignment.objects.get_or_create(
        staff=staff, role=Role.ADMINISTRATOR, defaults={"ends_at": ends_at}
    )
    # A lasting administrator stays one; an earlier hour that is over begins anew.
    if not made and given.ends_at is not None:
        given.ends_at = ends_at
        given.save(update_fields=["ends_at"])
    _record(
        "staff.break_glass",
        staff,
        None,
        {"hours": policy.BREAK_GLASS // timedelta(hours=1)},
        Severity.CRITICAL,
    )
    raising.raise_alert(
        BREAK_GLASS_USED,
        summary="Somebody made an emergency administrator",
        description=f"{staff.username} is an administrator for {span(policy.BREAK_GLASS)}, by "
        "break_glass on the server. If nobody of you did that, somebody else is on the server.",
        labels={"staff": staff.username},
        until=ends_at,
    )
    return staff, password_link(staff)


def end_sessions(staff: Staff, *, but: str | None = None) -> int:
    """Sign a staff member out everywhere, `but` in the session of this key; returns how many."""
    mine = [
        session.pk
        for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator()
        if session.pk != but and session.get_decoded().get("_auth_user_id") == str(staff.pk)
    ]
    Session.objects.filter(pk__in=mine).delete()
    return len(mine)


def _refuse_practice(staff: Staff) -> None:
    if practice.is_over_for(staff):
        raise Refusal("not_allowed", f"{staff} is a practice account; take another name.")


def _keep_one_administrator(staff: Staff) -> None:
    others = RoleAssignment.objects.filter(
        role=Role.ADMINISTRATOR, staff__is_active=True, ends_at__isnull=True
    ).exclude(staff=staff)
    if Role.ADMINISTRATOR in staff.role_set() and not others.exists():
        raise Refusal("not_allowed", "That is the last administrator; make another one first.")


def _record(
    action: str,
    staff: Staff,
    by: Staff | None,
    data: dict[str, object],
    severity: str = Severity.INFO,
) -> None:
    trail.record(
        action,
        category=Category.ACCESS,
        severity=severity,
        actor=by,
        target=staff,
        data={"username": staff.username, **data},
    )

"""The accounts of practice mode: one for each role, and a second moderator."""

import hashlib
import json
import secrets
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from growmies_admin.accounts.models import RoleAssignment, Staff
from growmies_admin.accounts.rights import STAFF_ROLES, Role

USERNAMES = {role.value: role for role in STAFF_ROLES} | {"moderator2": Role.MODERATOR}


class NameTaken(Exception):
    """A person has the name of a practice account; the message says whose."""


class NoAdministrator(Exception):
    """Only practice accounts could administer; the message says what to do."""


def is_over_for(staff: Staff) -> bool:
    """Whether this is a practice account outside practice mode.

    It opens nothing then, whatever else may still say that it is active.
    """
    return staff.is_practice and not settings.PRACTICE


def active() -> QuerySet[Staff]:
    return Staff.objects.filter(is_practice=True, is_active=True)


def refuse_to_administer() -> None:
    """Raises NoAdministrator when there are practice administrators and nobody else is one.

    With no staff at all there is nothing to refuse: a first start is followed by
    `create_administrator`.
    """
    in_practice = active().filter(roles__role=Role.ADMINISTRATOR, roles__ends_at__isnull=True)
    others = Staff.objects.filter(
        is_practice=False,
        is_active=True,
        roles__role=Role.ADMINISTRATOR,
        roles__ends_at__isnull=True,
    )
    if in_practice.exists() and not others.exists():
        raise NoAdministrator(
            "Only practice accounts administer this site, and they end outside practice mode. "
            "Run `create_administrator NAME` first (with ./dev: while it runs in practice mode), "
            "then start again."
        )


def accounts_file() -> Path:
    path: Path = settings.DATA_DIR / "run" / "accounts.json"
    return path


def make_accounts() -> list[dict[str, str]]:
    """Make the accounts, or find them again: [{"username", "password", "role"}].

    Passwords are random and kept in a file that we alone can read. Only in practice mode. An
    account of a person is never taken over: raises NameTaken.
    """
    if not settings.PRACTICE:
        raise RuntimeError("practice accounts exist in practice mode only")
    known = {account["username"]: account for account in _kept()}
    accounts = [
        known.get(name) or {"username": name, "password": _password(), "role": role.value}
        for name, role in USERNAMES.items()
    ]
    for account in accounts:
        _make(account)
    _keep(accounts)
    names = {account["username"]: account for account in accounts}
    known_staff = Staff.objects.filter(username__in=names)
    _seals_file().write_text("\n".join(_seal(s, names[s.username]) for s in known_staff))
    return accounts


@transaction.atomic
def _make(account: dict[str, str]) -> None:
    staff = Staff.objects.filter(username=account["username"]).first()
    if staff is None:
        staff = Staff.objects.create_user(
            account["username"], password=account["password"], is_practice=True
        )
    elif not staff.is_practice:
        raise NameTaken(
            f"{staff.username!r} is the account of a person: practice mode needs that name. "
            "Let it run on a database of its own."
        )
    elif _seal(staff, account) not in _seals() and not staff.check_password(account["password"]):
        staff.set_password(account["password"])
        staff.save(update_fields=["password"])
    Staff.objects.filter(pk=staff.pk, is_active=False).update(is_active=True)
    RoleAssignment.objects.get_or_create(staff=staff, role=account["role"])


def _seal(staff: Staff, account: dict[str, str]) -> str:
    """That this password belongs to this hash: to check it anew takes half a second each."""
    return hashlib.sha256(f"{staff.password} {account['password']}".encode()).hexdigest()


def _seals_file() -> Path:
    return accounts_file().with_suffix(".checked")


def _seals() -> set[str]:
    try:
        return set(_seals_file().read_text().split())
    except OSError:
        return set()


def _password() -> str:
    words = secrets.token_hex(8)
    return "-".join(words[n : n + 4] for n in range(0, 16, 4))


def _kept() -> list[dict[str, str]]:
    try:
        found: list[dict[str, str]] = json.loads(accounts_file().read_text())
    except (OSError, ValueError):
        return []
    return found


def _keep(accounts: list[dict[str, str]]) -> None:
    path = accounts_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.touch(mode=0o600)
    part.chmod(0o600)
    part.write_text(json.dumps(accounts, indent=2))
    part.rename(path)

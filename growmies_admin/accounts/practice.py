"""The accounts of practice mode: one for each role, and a second moderator."""

import hashlib
import json
import secrets
from pathlib import Path

from django.conf import settings
from django.db import transaction

from growmies_admin.accounts.models import RoleAssignment, Staff
from growmies_admin.accounts.rights import STAFF_ROLES, Role

USERNAMES = {role.value: role for role in STAFF_ROLES} | {"moderator2": Role.MODERATOR}


def accounts_file() -> Path:
    path: Path = settings.DATA_DIR / "run" / "accounts.json"
    return path


def make_accounts() -> list[dict[str, str]]:
    """Make the accounts, or find them again: [{"username", "password", "role"}].

    Passwords are random and kept in a file that we alone can read. Only in practice mode.
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
        staff = Staff.objects.create_user(account["username"], password=account["password"])
    elif _seal(staff, account) not in _seals() and not staff.check_password(account["password"]):
        staff.set_password(account["password"])
        staff.save(update_fields=["password"])
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

"""Answers `has_perm` from the table in rights.py."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import PermissionDenied

from growmies_admin.accounts import practice, second_factor
from growmies_admin.accounts.rights import RIGHTS, roles_with
from monitoring.people import Person


class RoleBackend(BaseBackend):
    """Grants rights by role. Inactive staff and anonymous visitors have none, nor have practice
    accounts outside practice mode and whoever must add a second factor first.

    A no is final: PermissionDenied keeps Django from asking the sign-in backend after this
    one, which would look for rights in `auth_permission`, where there are none of ours.
    """

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if not _may(user_obj, perm):
            raise PermissionDenied(perm)
        return True

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Whether any right on this room is theirs. A no is final here too."""
        if not any(_may(user_obj, right) for right in RIGHTS if right.startswith(f"{app_label}.")):
            raise PermissionDenied(app_label)
        return True

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return {right for right in RIGHTS if _may(user_obj, right)}


def _may(person: Person, right: str) -> bool:
    if not getattr(person, "is_active", False) or person.is_anonymous:
        return False
    if not roles_with(right) & person.role_set():
        return False
    return not practice.is_over_for(person) and not second_factor.is_missing(person)

"""Answers `has_perm` from the table in rights.py."""

from typing import Any

from django.contrib.auth.backends import BaseBackend

from growmies_admin.accounts.rights import RIGHTS, roles_with


class RoleBackend(BaseBackend):
    """Grants rights by role. Inactive staff and anonymous visitors have none."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if not getattr(user_obj, "is_active", False) or user_obj.is_anonymous:
            return False
        return bool(roles_with(perm) & user_obj.role_set())

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return {right for right in RIGHTS if self.has_perm(user_obj, right)}

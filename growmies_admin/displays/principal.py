"""Who a paired screen is to the rest of the site: nobody of staff, with the display's rights."""

from growmies_admin.accounts.rights import RIGHTS, Role, roles_with
from growmies_admin.displays.models import Display


class Screen:
    """Stands in `request.user` for a paired screen.

    It answers what guards and templates ask of a user. It is no Staff and has no key: whatever
    would write down who acted refuses it.
    """

    pk = id = None
    is_authenticated = is_active = True
    is_anonymous = is_staff = is_superuser = False
    single_keys = False
    theme = "system"
    initials = "TV"

    def __init__(self, display: Display) -> None:
        self.display = display

    def __str__(self) -> str:
        return str(self.display)

    def get_username(self) -> str:
        return str(self.display)

    def role_set(self) -> frozenset[Role]:
        return frozenset({Role.DISPLAY})

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return bool(roles_with(perm) & self.role_set())

    def has_perms(self, perms: list[str], obj: object = None) -> bool:
        return all(self.has_perm(perm) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        return any(self.has_perm(r) for r in RIGHTS if r.startswith(f"{app_label}."))

    def get_all_permissions(self, obj: object = None) -> set[str]:
        return {right for right in RIGHTS if self.has_perm(right)}

"""What every template gets besides Django's own context."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from growmies_admin.accounts import keys as accounts_keys
from growmies_admin.accounts import second_factor
from growmies_admin.accounts.models import Staff
from growmies_admin.accounts.rights import Role
from monitoring.health import scoring
from monitoring.ui import nav


def csp_nonce(request: HttpRequest) -> dict[str, Any]:
    """django-csp names its nonce CSP_NONCE; django-htmx expects `csp_nonce`."""
    return {"csp_nonce": getattr(request, "csp_nonce", "")}


def keys(request: HttpRequest) -> dict[str, Any]:
    """The reader's own keys, for {% cap %} and data-key; asked for only where one is shown."""
    user = getattr(request, "user", None)
    if user is None or user.pk is None:  # a stranger, or a paired screen
        return {"keys": accounts_keys.DEFAULTS}
    return {"keys": SimpleLazyObject(lambda: accounts_keys.of(user))}


_FITS = 10  # entries beside each other; of more, some go into a menu


def site(request: HttpRequest) -> dict[str, Any]:
    """Navigation by right, counts, the status chip, and whether this is practice."""
    user = getattr(request, "user", None)
    found: dict[str, Any] = {
        "practice_mode": settings.PRACTICE,
        "discord_sign_in": bool(settings.SOCIALACCOUNT_PROVIDERS),
    }
    # Partials don't have the header; they should not pay for it.
    if user is None or not user.is_authenticated or getattr(request, "htmx", False):
        return found
    shown = nav.of(user, request.path)
    menu = [item for item in shown if item.in_menu] if len(shown) > _FITS else []
    found |= {
        "nav": [item for item in shown if item not in menu],
        "nav_menu": menu,
        "nav_menu_current": any(item.current for item in menu),
        "can_find_members": user.has_perm("members.view"),
        "can_see_status": user.has_perm("panels.view_status"),
        "site_status": scoring.current() if user.has_perm("panels.view_status") else None,
        "factor_missing": isinstance(user, Staff) and second_factor.is_missing(user),
        "factor_due": second_factor.due(user) if isinstance(user, Staff) else None,
        "role_names": ", ".join(sorted(Role(role).label for role in user.role_set())),
    }
    return found

"""What every template gets besides Django's own context."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from compliance.verification.models import VerificationRequest
from growmies_admin.accounts.rights import Role
from monitoring.alerts import listing
from monitoring.incidents.listing import live_count
from monitoring.panels import board

COUNT_SECONDS = 2


def csp_nonce(request: HttpRequest) -> dict[str, Any]:
    """django-csp names its nonce CSP_NONCE; django-htmx expects `csp_nonce`."""
    return {"csp_nonce": getattr(request, "csp_nonce", "")}


@dataclass(frozen=True)
class NavItem:
    title: str
    url: str
    right: str
    count: str = ""
    counted: str = "waiting"
    current: bool = False


_NAV = (
    ("Verification", "/queue/", "verification.view"),
    ("Members", "/members/", "members.view"),
    ("Effects", "/effects/", "effects.view"),
    ("Alerts", "/alerts/", "alerts.view"),
    ("Incidents", "/incidents/", "incidents.view"),
    ("Maintenance", "/maintenance/", "maintenance.view"),
    ("Audit", "/audit/", "audit.view_own"),
    ("Audit", "/audit/", "audit.view_technical"),
    ("Staff", "/staff/", "accounts.manage"),
    ("Wall", "/wall/main/", "panels.view_boards"),
    ("Status", "/mobile/", "panels.view_status"),
)


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
    nav: dict[str, NavItem] = {}
    for title, url, right in _NAV:
        if title not in nav and user.has_perm(right):
            count = _COUNTS[url]() if url in _COUNTS else ""
            counted = _COUNTED.get(url, "waiting")
            is_current = request.path.startswith(url)
            nav[title] = NavItem(title, url, right, count, counted, is_current)
    found |= {
        "nav": list(nav.values()),
        "can_find_members": user.has_perm("members.view"),
        "can_see_status": user.has_perm("panels.view_status"),
        "site_status": board.current_score() if user.has_perm("panels.view_status") else None,
        "role_names": ", ".join(sorted(Role(role).label for role in user.role_set())),
    }
    return found


def _firing_count() -> str:
    """How many critical and warning alerts fire; information is no call to look."""
    found = listing.totals()
    count = found["critical"] + found["warning"]
    return "999+" if count > 999 else str(count or "")


def _open_count() -> str:
    """How many wait for a review, "999+" beyond; from the cache for some seconds."""
    count = cache.get("queue.open_count")
    if count is None:
        count = VerificationRequest.objects.reviewable()[:1000].count()
        cache.set("queue.open_count", count, COUNT_SECONDS)
    return "999+" if count > 999 else str(count or "")


def _incident_count() -> str:
    count = live_count()
    return "999+" if count > 999 else str(count or "")


_COUNTS = {"/queue/": _open_count, "/alerts/": _firing_count, "/incidents/": _incident_count}
_COUNTED = {"/alerts/": "firing", "/incidents/": "open"}

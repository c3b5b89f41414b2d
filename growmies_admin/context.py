"""What every template gets besides Django's own context."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from compliance.appeals import listing
from compliance.verification import second_reviews
from compliance.verification.models import VerificationRequest
from compliance.verification.quality_models import Dispute
from growmies_admin.accounts import keys as accounts_keys
from growmies_admin.accounts.rights import Role
from monitoring.alerts import listing as alert_listing
from monitoring.health import scoring
from monitoring.incidents.listing import live_count
from monitoring.tones import Tone

COUNT_SECONDS = 2
OWN_COUNT_SECONDS = 10


def csp_nonce(request: HttpRequest) -> dict[str, Any]:
    """django-csp names its nonce CSP_NONCE; django-htmx expects `csp_nonce`."""
    return {"csp_nonce": getattr(request, "csp_nonce", "")}


def keys(request: HttpRequest) -> dict[str, Any]:
    """The reader's own keys, for {% cap %} and data-key; asked for only where one is shown."""
    user = getattr(request, "user", None)
    if user is None or user.pk is None:  # a stranger, or a paired screen
        return {"keys": accounts_keys.DEFAULTS}
    return {"keys": SimpleLazyObject(lambda: accounts_keys.of(user))}


@dataclass(frozen=True)
class NavItem:
    title: str
    url: str
    right: str
    count: str = ""
    counted: str = "waiting"
    tone: str = ""
    current: bool = False


_NAV = (
    ("Verification", "/queue/", "verification.view"),
    ("Quality", "/queue/second-reviews/", "verification.decide"),
    ("Appeals", "/appeals/", "appeals.view"),
    ("Members", "/members/", "members.view"),
    ("Effects", "/effects/", "effects.view"),
    ("Alerts", "/alerts/", "alerts.view"),
    ("Incidents", "/incidents/", "incidents.view"),
    ("Maintenance", "/maintenance/", "maintenance.view"),
    ("KPIs", "/kpis/", "kpis.view"),
    ("Audit", "/audit/", "audit.view_own"),
    ("Audit", "/audit/", "audit.view_technical"),
    ("Staff", "/staff/", "accounts.manage"),
    ("Displays", "/displays/", "displays.manage"),
    ("Displays", "/displays/", "accounts.manage"),
    ("Wall", "/wall/main/", "panels.view_boards"),
    ("Status", "/mobile/", "panels.view_status"),
)

# In a menu of their own for who has more entries than fit beside each other.
_OPERATIONS = (
    "/maintenance/",
    "/kpis/",
    "/audit/",
    "/staff/",
    "/displays/",
    "/wall/main/",
    "/mobile/",
)
_FITS = 10


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
            count = _COUNTS[url](user) if url in _COUNTS else ""
            counted = _COUNTED.get(url, "waiting")
            tone = _alert_tone() if count and url == "/alerts/" else ""
            is_current = _is_current(request.path, url)
            nav[title] = NavItem(title, url, right, count, counted, tone, is_current)
    items = list(nav.values())
    menu = [item for item in items if item.url in _OPERATIONS] if len(items) > _FITS else []
    found |= {
        "nav": [item for item in items if item not in menu],
        "nav_menu": menu,
        "nav_menu_current": any(item.current for item in menu),
        "can_find_members": user.has_perm("members.view"),
        "can_see_status": user.has_perm("panels.view_status"),
        "site_status": scoring.current() if user.has_perm("panels.view_status") else None,
        "role_names": ", ".join(sorted(Role(role).label for role in user.role_set())),
    }
    return found


def _is_current(path: str, url: str) -> bool:
    """The pages of quality lie below the queue's address and are an entry of their own."""
    if url in _OF_QUALITY or path.startswith(_OF_QUALITY):
        return url in _OF_QUALITY and path.startswith(_OF_QUALITY)
    return path.startswith(url)


def _kept(name: str, user: Any, count: Callable[[Any], int]) -> str:
    """A count of one person's own, from the cache for a while."""
    key = f"nav.{name}.{user.pk}"
    found = cache.get(key)
    if found is None:
        found = count(user)
        cache.set(key, found, OWN_COUNT_SECONDS)
    return _in_words(found)


def _appeals_count(user: Any) -> int:
    """Open appeals that this person may decide."""
    return listing.waiting_for(user)[:1000].count()


def _quality_count(user: Any) -> int:
    """Second reviews that this person may do, and disputes that they may settle."""
    waiting = second_reviews.for_moderator(user)[:1000].count()
    if user.has_perm("verification.settle_disputes"):
        waiting += Dispute.objects.unsettled()[:1000].count()
    return waiting


def _in_words(count: int) -> str:
    return "999+" if count > 999 else str(count or "")


def _firing_count(user: Any) -> str:
    """How many critical and warning alerts fire; information is no call to look."""
    found = alert_listing.totals()
    return _in_words(found["critical"] + found["warning"])


def _alert_tone() -> str:
    """The count of alerts stands out when one of them is critical."""
    return Tone.CRITICAL if alert_listing.totals()["critical"] else Tone.WARN


def _open_count(user: Any) -> str:
    """How many wait for a review, "999+" beyond; from the cache for some seconds."""
    count = cache.get("queue.open_count")
    if count is None:
        count = VerificationRequest.objects.reviewable()[:1000].count()
        cache.set("queue.open_count", count, COUNT_SECONDS)
    return _in_words(count)


def _incident_count(user: Any) -> str:
    return _in_words(live_count())


_OF_QUALITY = ("/queue/second-reviews/", "/queue/disputes/", "/queue/quality/")
_COUNTS: dict[str, Callable[[Any], str]] = {
    "/queue/": _open_count,
    "/alerts/": _firing_count,
    "/incidents/": _incident_count,
    "/queue/second-reviews/": lambda user: _kept("quality", user, _quality_count),
    "/appeals/": lambda user: _kept("appeals", user, _appeals_count),
}
_COUNTED = {"/alerts/": "firing", "/incidents/": "open"}

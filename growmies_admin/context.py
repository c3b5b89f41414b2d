"""What every template gets besides Django's own context."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def csp_nonce(request: HttpRequest) -> dict[str, Any]:
    """django-csp names its nonce CSP_NONCE; django-htmx expects `csp_nonce`."""
    return {"csp_nonce": getattr(request, "csp_nonce", "")}


def site(request: HttpRequest) -> dict[str, Any]:
    """Facts about this installation that the page frame shows."""
    return {"practice_mode": settings.PRACTICE}

"""What happens around every request."""

import sys
import zoneinfo
from collections.abc import Callable

import structlog
from django.conf import settings
from django.core.exceptions import TooManyFilesSent
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views import defaults
from psycopg_pool import PoolTimeout

from compliance.uploads.views_member import too_many, upload
from growmies_admin.api import refusing
from monitoring.ui.guards import refuse
from monitoring.walls.views import KEPT_OFFLINE_COOKIE

log = structlog.get_logger(__name__)
Handler = Callable[[HttpRequest], HttpResponse]
RETRY_AFTER_SECONDS = 10
_AWAY = (OperationalError, InterfaceError, PoolTimeout)


class ReaderTimezone:
    """Times are shown in the reader's zone: the cookie `tz`, set by static/js/time.js."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            zone = zoneinfo.ZoneInfo(request.COOKIES.get("tz", settings.TIME_ZONE))
        except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
            zone = zoneinfo.ZoneInfo(settings.TIME_ZONE)
        with timezone.override(zone):
            return self.get_response(request)


class MethodRefused:
    """A wrong method gets a sentence, not a blank page; `Allow` says which are right."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or response.content:
            return response
        allowed = response.headers.get("Allow", "")
        page = refuse(request, f"This address takes {allowed} only; nothing was changed.", 405)
        page["Allow"] = allowed
        return page


class DatabaseAway:
    """Says plainly that PostgreSQL does not answer: 503 with Retry-After, no stack trace.

    And that it can't keep what was sent, such as a NUL character: 400.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, DataError):
            log.warning("data_not_fit", error=type(error.__cause__).__name__)
            return HttpResponse(render_to_string("400.html"), status=400)
        if not isinstance(error, _AWAY):
            return None
        log.error("database_away", error=type(error).__name__)
        return unavailable(request)


class NothingKept:
    """No browser or proxy keeps a page of whoever is signed in: Back after a sign-out is empty.

    Asked of the session's cookie, so that it costs nothing and no page can be forgotten. What
    /mobile/ keeps for offline is in a storage of its own (ForgetOffline).
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            add_never_cache_headers(response)
        return response


class ForgetOffline:
    """Whoever signs out takes along the browser's cache, and what /mobile/ keeps for offline.

    Also when they do so on another page: the browser empties its storage of this site.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        signs_out = request.method == "POST" and request.path == reverse("account_logout")
        if signs_out:
            response["Clear-Site-Data"] = '"cache"'
        if signs_out and KEPT_OFFLINE_COOKIE in request.COOKIES:
            response["Clear-Site-Data"] = '"cache", "storage"'
            response.delete_cookie(KEPT_OFFLINE_COOKIE)
        return response


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF view: a page from before a sign-in. A partial's page is loaded again."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=403, headers={"HX-Refresh": "true"})
    return HttpResponse(render_to_string("403_csrf.html", request=request), status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400. More files than Django takes apart come here instead of to the view."""
    match = request.resolver_match
    if isinstance(exception, TooManyFilesSent) and match is not None and match.func is upload:
        return too_many(request, **match.kwargs)
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: an error outside of a view, in a middleware, comes here only."""
    if isinstance(sys.exc_info()[1], _AWAY):
        return unavailable(request)
    return HttpResponse(render_to_string("500.html"), status=500)


def unavailable(request: HttpRequest) -> HttpResponse:
    """The page for the time without a database; it asks for nothing from it. JSON in the API."""
    if request.path.startswith("/api/"):
        sentence = "The database does not answer; ask again a little later."
        return refusing.refuse("unavailable", sentence, Retry_After=str(RETRY_AFTER_SECONDS))
    return HttpResponse(
        render_to_string("503.html"),
        status=503,
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )

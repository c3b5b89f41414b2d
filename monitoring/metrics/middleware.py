"""Counts and times every answer of the site; probes are answered before Django and not counted."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from monitoring.metrics import metrics
from monitoring.metrics.families import OTHER

_VIEWS_AT_MOST = 300
# Signing in counts as ours, as nobody works without; "Sign in with Discord" depends on Discord.
_OURS = ("growmies_admin.", "compliance.", "monitoring.", "allauth.account.", "allauth.mfa.")


def _given_by(request: HttpRequest) -> str:
    """`page` when the request reached a view of ours. Only that counts for the error budget."""
    found = request.resolver_match
    return "page" if found and found.func.__module__.startswith(_OURS) else OTHER


class MeasureRequests:
    """The label `view` is the name of the address, never the address itself: it may hold a key."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        took = time.perf_counter() - began
        status = f"{response.status_code // 100}xx"
        metrics.http_responses_total.inc(status=status, by=_given_by(request))
        duration = metrics.http_request_duration_seconds
        view = request.resolver_match.view_name if request.resolver_match else OTHER
        if view not in duration.bounded.values["view"]:
            duration.bounded.learn("view", [view], at_most=_VIEWS_AT_MOST)
        method = request.method if request.method in ("GET", "POST") else OTHER
        duration.observe(took, view=view, method=method)
        return response

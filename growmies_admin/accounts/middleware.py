"""Leads whoever must add a second factor to where they can, and lets them nowhere else."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from growmies_admin.accounts import practice, second_factor
from growmies_admin.accounts.models import Staff

Handler = Callable[[HttpRequest], HttpResponse]
# What asks for no sign-in: who asks is not looked up for them, so they need no database either.
_FOR_EVERYBODY = frozenset(
    {
        "live", "ready", "health", "up", "metrics",
        "api_alerts", "api_verification_queue", "api_verifications", "api_openapi",
        "provider_callback", "upload", "upload_place", "upload_withdraw",
        "pair", "pair_code", "mobile_manifest", "mobile_worker",
        "staff_password", "forgotten_password",
        "account_login", "account_signup", "account_inactive", "mfa_login_webauthn",
        "discord_login", "discord_callback",
    }
)  # fmt: skip
_FOR_ADDING_ONE = frozenset(
    {
        "account_logout", "account_reauthenticate", "account_change_password",
        "account_set_password", "mfa_index", "mfa_authenticate", "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn", "mfa_activate_totp", "mfa_deactivate_totp",
        "mfa_list_webauthn", "mfa_add_webauthn", "mfa_remove_webauthn", "mfa_edit_webauthn",
        "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes",
    }
)  # fmt: skip


class SecondFactorFirst:
    """Closed unless listed above: a new page is, without anybody thinking of it.

    Rights are refused beside it (backends.py); this says why, and where to go. Practice accounts
    are signed out here outside practice mode, also when nothing has deactivated them yet.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        match = request.resolver_match
        name = match.view_name if match else None
        if name in _FOR_EVERYBODY or not isinstance(request.user, Staff):
            return None
        if practice.is_over_for(request.user):
            logout(request)
            return _lead(request, reverse("account_login"))
        if name in _FOR_ADDING_ONE or not second_factor.is_missing(request.user):
            return None
        return _lead(request, reverse("mfa_index"))


def _lead(request: HttpRequest, to: str) -> HttpResponse:
    """A partial can't show another page: the page that it is part of is left."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=403, headers={"HX-Redirect": to})
    return HttpResponseRedirect(to)

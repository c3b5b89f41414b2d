"""Who may come in by allauth: nobody signs up; Discord opens the door to invited staff only."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest
from django.shortcuts import render

from growmies_admin.accounts.models import Staff


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up is closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class DiscordAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Matches a Discord account with the staff member invited under its id."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Raises ImmediateHttpResponse for anybody who was not invited."""
        uid = str(sociallogin.account.uid)
        staff = None
        if uid.isdecimal():
            staff = Staff.objects.filter(discord_id=int(uid), is_active=True).first()
        if staff is None:
            sentence = "Your Discord account was not invited. An administrator can invite you."
            page = render(request, "403.html", {"sentence": sentence}, status=403)
            raise ImmediateHttpResponse(page)
        if not sociallogin.is_existing:
            sociallogin.connect(request, staff)

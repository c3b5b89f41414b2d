"""Who may come in by allauth: nobody signs up; Discord opens the door to invited staff only."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.userkit import get_user_by_username
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from growmies_admin.accounts import access_trail, known_devices, second_factor, throttle
from growmies_admin.accounts.access_trail import How
from growmies_admin.accounts.models import Staff
from monitoring.people import Person
from monitoring.ui.redirects import is_path_of_ours

_BEGAN_WITH = "sign_in_began_with"  # in the session, from the first stage to the last
_BY_PASSWORD = "reauthenticate"  # noqa: S105 - the id of a method


def _as_it_is(person: Staff) -> str:
    """Another text once the password is another one, they left, or lost their second factor."""
    ended = f"{person.deactivated_at or ''}{person.factor_reset_at or ''}"
    return f"{person.get_session_auth_hash()} {ended}"


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up is closed, a sign-in leads to this site only, wrong passwords make one wait."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        return is_path_of_ours(url)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Raises ValidationError, which says how long to wait."""
        typed = credentials.get("username", "")
        self._person = get_user_by_username(typed)
        self._try = throttle.of_password(request, self._person, typed)
        self._of_address = ratelimit.RateLimitUsage(usage=[])
        if not self._try.alone:
            taken = ratelimit.consume(request, app="allauth.account", action="wrong_passwords")
            if taken is None:
                access_trail.failed(request, self._person, How.PASSWORD)
                raise ValidationError(
                    "Too many failed sign-ins from your network. Wait a minute, then try again."
                )
            self._of_address = taken
        if wait := throttle.take(self._try):
            access_trail.failed(request, self._person, How.PASSWORD)
            raise ValidationError(
                f"Too many wrong passwords. Wait {throttle.in_words(wait)}, then try again."
            )

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Staff | None:
        person: Staff | None = super().authenticate(request, **credentials)
        if person is not None:
            throttle.give_back(self._try)
            self._of_address.rollback()
        return person

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        access_trail.failed(request, self._person, How.PASSWORD)

    def respond_user_inactive(self, request: HttpRequest, user: Staff) -> HttpResponse:
        access_trail.failed(request, user, How.PASSWORD)
        return super().respond_user_inactive(request, user)  # type: ignore[no-any-return]

    def pre_login(self, request: HttpRequest, user: Staff, **facts: Any) -> HttpResponse | None:
        """The first stage is passed: what it was passed with must hold until the last one."""
        request.session[_BEGAN_WITH] = _as_it_is(user)
        response: HttpResponse | None = super().pre_login(request, user, **facts)
        return response

    def login(self, request: HttpRequest, user: Staff) -> None:
        """Raises ImmediateHttpResponse when the password changed or they left meanwhile."""
        now = Staff.objects.filter(pk=user.pk, is_active=True).first()
        began_with = request.session.pop(_BEGAN_WITH, None)
        if now is None or began_with != _as_it_is(now):
            access_trail.failed(request, user, How.PASSWORD)
            raise ImmediateHttpResponse(HttpResponseRedirect(reverse("account_login")))
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: Staff, **facts: Any) -> HttpResponse:
        """After every stage, so a device is known only when the second factor was there too."""
        response: HttpResponse = super().post_login(request, user, **facts)
        known_devices.remember(request, response, user)
        return response

    def get_reauthentication_methods(self, user: Person) -> list[dict[str, Any]]:
        """With a second factor, the password alone confirms nothing."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if isinstance(user, Staff) and second_factor.has_one(user):
            return [method for method in methods if method["id"] != _BY_PASSWORD]
        return methods


class DiscordAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Matches a Discord account with the staff member invited under its id."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def get_app(self, request: HttpRequest, provider: Any, client_id: Any = None) -> Any:
        """Raises Http404 where "Sign in with Discord" is not set up."""
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist:
            raise Http404("Sign-in with Discord is not set up.") from None

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Raises ImmediateHttpResponse for anybody who was not invited."""
        uid = str(sociallogin.account.uid)
        staff = None
        if uid.isdecimal():
            staff = Staff.objects.filter(discord_id=int(uid)).first()
        if staff is None or not staff.is_active:
            access_trail.failed(request, staff, How.DISCORD)
            sentence = "Your Discord account was not invited. An administrator can invite you."
            page = render(request, "403.html", {"sentence": sentence}, status=403)
            raise ImmediateHttpResponse(page)
        if not sociallogin.is_existing:
            sociallogin.connect(request, staff)

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, *args: Any, **facts: Any
    ) -> None:
        """Discord said no, or its answer is not to be trusted: whose it was is not known."""
        access_trail.failed(request, None, How.DISCORD)
        super().on_authentication_error(request, provider, *args, **facts)

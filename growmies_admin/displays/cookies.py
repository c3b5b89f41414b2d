"""The two cookies of a screen: the secret with which it asks, and the key of a display."""

from django.conf import settings
from django.http import HttpResponse

from growmies_admin import policy

# Two stacks on one host name must not take each other's screens.
KEY = f"display_{settings.PORT_BASE}"
SECRET = f"pairing_{settings.PORT_BASE}"
SECRET_PATH = "/displays/pair/"  # noqa: S105 - an address


def keep_key(response: HttpResponse, plain: str) -> None:
    """Lax, not strict: a link that opens the wall must find the screen paired."""
    response.set_cookie(
        KEY,
        plain,
        max_age=policy.DISPLAY_COOKIE_LIFE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def keep_secret(response: HttpResponse, secret: str) -> None:
    response.set_cookie(
        SECRET,
        secret,
        max_age=policy.DISPLAY_COLLECT,
        path=SECRET_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def forget_session(response: HttpResponse) -> None:
    """No person's session on a screen."""
    response.delete_cookie(settings.SESSION_COOKIE_NAME, samesite="Lax")

"""Devices on which somebody has signed in before: a cookie for each account.

It opens nothing. It only keeps its owner from waiting for what others tried from elsewhere
(throttle.py). It ends with the password, with the deactivation of the account, and with a reset
of the second factor: the lost phone may be one.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from growmies_admin import policy
from growmies_admin.accounts.models import Staff

_SALT = "accounts.known_device"


def of(request: HttpRequest, person: Staff) -> str:
    """The device's own random name, when this account signed in on it; "" otherwise."""
    kept = request.COOKIES.get(_name(person), "")
    try:
        device, bound = signing.loads(kept, salt=_SALT, max_age=policy.KNOWN_DEVICE_LIFE)
    except (signing.BadSignature, ValueError):
        return ""
    return str(device) if constant_time_compare(bound, _bound_to(person)) else ""


def remember(request: HttpRequest, response: HttpResponse, person: Staff) -> None:
    """After a full sign-in, second factor included."""
    device = of(request, person) or secrets.token_urlsafe(16)
    response.set_cookie(
        _name(person),
        signing.dumps([device, _bound_to(person)], salt=_SALT),
        max_age=policy.KNOWN_DEVICE_LIFE,
        path=reverse("account_login").removesuffix("login/"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _name(person: Staff) -> str:
    return f"known_{settings.PORT_BASE}_{person.pk}"


def _bound_to(person: Staff) -> str:
    ended = f"{person.deactivated_at or ''}{person.factor_reset_at or ''}"
    facts = f"{person.pk} {person.password} {ended}"
    return salted_hmac(_SALT, facts, algorithm="sha256").hexdigest()

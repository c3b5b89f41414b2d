"""How Prometheus and Alertmanager are asked: with the user and the password of the settings."""

from collections.abc import Callable
from datetime import timedelta

import httpx
from django.conf import settings

Sign = Callable[[httpx.Request], httpx.Request]


def client(server: str, *, timeout: timedelta) -> httpx.Client:
    """For requests to `server`, which is PROMETHEUS or ALERTMANAGER."""
    return httpx.Client(timeout=timeout.total_seconds(), trust_env=False, auth=sign(server))


def sign(server: str) -> Sign:
    """Signs a request to `server`; without a user in the settings it goes out unsigned."""

    def signed(request: httpx.Request) -> httpx.Request:
        user: str = getattr(settings, f"{server}_USER")
        if not user:
            return request
        basic = httpx.BasicAuth(user, getattr(settings, f"{server}_PASSWORD"))
        return next(basic.auth_flow(request))

    return signed

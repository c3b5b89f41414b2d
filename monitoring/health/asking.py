"""How checks ask other processes over HTTP: one client, because making one costs milliseconds."""

from functools import cache

import httpx

from monitoring import policy
from monitoring.basic_auth import Sign

_TIMEOUT = policy.HEALTH_CHECK_BOUND.total_seconds() * 0.9


def get(url: str, *, sign: Sign | None = None) -> httpx.Response:
    """One GET within the bound of a check. Raises httpx.HTTPError. Any thread may call it."""
    return _client().get(url, auth=sign)


@cache
def _client() -> httpx.Client:
    # A fresh connection each time: a kept one would fail once after the other's restart.
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(timeout=_TIMEOUT, trust_env=False, limits=limits)

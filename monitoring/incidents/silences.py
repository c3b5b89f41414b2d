"""Silences of Alertmanager for maintenance windows, over its API of version 2."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
from django.conf import settings

_client = httpx.Client(timeout=3, trust_env=False)


class Unavailable(Exception):
    """Alertmanager did not do it; the message says why, in words for a page."""


def add(
    matchers: Sequence[tuple[str, str, bool]], *, until: datetime, created_by: str, comment: str
) -> str:
    """A silence from now on: (label, value, is it a regular expression). Returns its id."""
    body = {
        "matchers": [
            {"name": name, "value": value, "isRegex": is_regex, "isEqual": True}
            for name, value, is_regex in matchers
        ],
        "startsAt": datetime.now(UTC).isoformat(),
        "endsAt": until.astimezone(UTC).isoformat(),
        "createdBy": created_by,
        "comment": comment,
    }
    found: str = _ask("POST", "/silences", body)["silenceID"]
    return found


def expire(silence_id: str) -> None:
    """End it now. One that Alertmanager does not know any more is over."""
    _ask("DELETE", f"/silence/{silence_id}")


def _ask(method: str, path: str, body: Any = None) -> Any:
    if not settings.ALERTMANAGER_URL:
        raise Unavailable("Alertmanager is not installed or not configured here.")
    try:
        answer = _client.request(method, f"{settings.ALERTMANAGER_URL}/api/v2{path}", json=body)
    except httpx.HTTPError as error:
        raise Unavailable("Alertmanager does not answer.") from error
    if answer.status_code == 404 and method == "DELETE":
        return None
    if not answer.is_success:
        raise Unavailable(f"Alertmanager refuses it ({answer.status_code}).")
    return answer.json() if answer.content else None

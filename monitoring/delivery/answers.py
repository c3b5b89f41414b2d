"""How an HTTP answer of the other side is read: what it asks for, and whether to try again."""

from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from django.utils import timezone

from monitoring.delivery.content import Undelivered

_DAY = 86_400.0


def refusal(who: str, answer: httpx.Response) -> Undelivered:
    """What an answer that is no success means: too much and their own errors pass, others don't."""
    status = answer.status_code
    return Undelivered(
        f"{who} answers {status}.",
        permanent=status < 500 and status not in (408, 425, 429),
        code=status,
        retry_after_seconds=seconds(answer.headers.get("Retry-After")),
    )


def silence(who: str, error: httpx.HTTPError) -> Undelivered:
    return Undelivered(f"{who} does not answer ({type(error).__name__}).")


def body(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer; {} when it has none."""
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def number(value: Any, *, unit: float = 1.0) -> float | None:
    """Seconds as a body gives them, in `unit`; None when that is no number that can be waited."""
    try:
        found = float(value) * unit
    except (TypeError, ValueError):
        return None
    return found if 0 <= found <= _DAY else None


def seconds(header: str | None) -> float | None:
    """How long a Retry-After asks to wait: in seconds, or until a date."""
    asked = number(header)
    if asked is not None or not header:
        return asked
    try:
        at = parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((at - timezone.now()).total_seconds(), 0.0), _DAY)

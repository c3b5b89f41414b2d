"""What Discord says of itself: the summary of its status page (DISCORD_STATUS_URL)."""

from typing import Any

import httpx
from django.conf import settings
from django.utils import timezone

from monitoring import policy
from monitoring.uptime.models import DiscordStatus, Indicator

# The components that we depend on, by Discord's names; others are not kept.
COMPONENTS = ("API", "Gateway", "Media Proxy", "Push Notifications", "Search", "Voice")
_LONGEST_BYTES = 1_000_000
_INCIDENTS_AT_MOST = 10


class StatusUnknown(Exception):
    """The page did not answer, or with something else than a summary."""


def refresh() -> DiscordStatus | None:
    """Ask the page and keep its answer; None when none is configured. Raises StatusUnknown."""
    if not settings.DISCORD_STATUS_URL:
        return None
    facts = _facts(_ask(settings.DISCORD_STATUS_URL))
    kept, _ = DiscordStatus.objects.update_or_create(
        id=1, defaults={**facts, "checked_at": timezone.now()}
    )
    return kept


def _ask(url: str) -> Any:
    timeout = policy.PROBE_TIMEOUT.total_seconds()
    try:
        with httpx.stream("GET", url, timeout=timeout, follow_redirects=True) as answer:
            answer.raise_for_status()
            body = b""
            for part in answer.iter_bytes():
                body += part
                if len(body) > _LONGEST_BYTES:
                    raise StatusUnknown("the answer is too long")
        return httpx.Response(200, content=body).json()
    except (httpx.HTTPError, ValueError) as error:
        raise StatusUnknown(f"no summary ({type(error).__name__})") from error


def _facts(summary: Any) -> dict[str, Any]:
    try:
        indicator = Indicator(summary["status"]["indicator"])
        components = {
            str(one["name"]): str(one["status"])[:40]
            for one in summary.get("components", [])
            if one["name"] in COMPONENTS
        }
        incidents = [str(one["name"])[:200] for one in summary.get("incidents", [])]
        description = str(summary["status"]["description"])[:200]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StatusUnknown("the answer is no summary of a status page") from error
    return {
        "indicator": indicator,
        "description": description,
        "components": components,
        "incidents": incidents[:_INCIDENTS_AT_MOST],
    }

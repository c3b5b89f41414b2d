"""Since when Alertmanager has not answered; kept in the cache, so all workers agree."""

from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils import timezone

_KEY = "alerts.alertmanager_away_since"
_KEPT_SECONDS = 24 * 3600


def began() -> None:
    cache.add(_KEY, timezone.now(), _KEPT_SECONDS)


def ended() -> None:
    cache.delete(_KEY)


def lasted(now: datetime) -> timedelta:
    """Zero while it answers."""
    since: datetime | None = cache.get(_KEY)
    return now - since if since else timedelta(0)

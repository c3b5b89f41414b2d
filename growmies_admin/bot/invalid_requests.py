"""Keeps the budget of invalid requests over a restart: what was used up, by minute, in Valkey.

Discord counts by address, so a bot that starts anew has no new budget. Without Valkey the bot
goes on with what it knows itself.
"""

import asyncio

import structlog
from django.core.cache import cache

from growmies_admin.bot.ratelimits import INVALID_WINDOW_SECONDS, RateLimits

log = structlog.get_logger(__name__)
KEY = "bot:invalid_requests"
_LIFE_SECONDS = INVALID_WINDOW_SECONDS + 60


async def load(limits: RateLimits) -> None:
    """Once, at the start: count what the run before has used up. Never raises."""
    try:
        limits.add_invalid(await asyncio.to_thread(cache.get, KEY) or {})
    except Exception as error:
        log.warning("invalid_requests_not_loaded", error=type(error).__name__)


async def save(limits: RateLimits) -> None:
    """Keep what is used up now; what was kept longer ago ends by itself. Never raises."""
    if not (used := limits.invalid_by_minute()):
        return
    try:
        await asyncio.to_thread(cache.set, KEY, used, _LIFE_SECONDS)
    except Exception as error:
        log.warning("invalid_requests_not_saved", error=type(error).__name__)

"""The bot's checks on itself, and the web's checks that ask the bot."""

import math
from typing import Any

import httpx
from django.conf import settings

from growmies_admin.bot.activity import bot_presences
from monitoring import policy
from monitoring.health.registry import BOT, WEB, Check, Unhealthy, register

_TIMEOUT = policy.HEALTH_CHECK_BOUND.total_seconds() * 0.9
_FROM_BOT = ("discord", "rateLimit", "thirdParty")


def register_bot(bot: Any) -> None:
    """Register the checks that read the running client. `bot` is a client.Bot."""

    def discord_check() -> dict[str, Any]:
        if not bot.online:
            raise Unhealthy("Discord client not ready")
        latency = bot.latency if math.isfinite(bot.latency) else 0.0
        return {"ping": f"{latency * 1000:.0f}ms", "guilds": len(bot.guilds), "shards": 1}

    def rate_limit() -> dict[str, Any]:
        limits = bot.limits
        if not limits.is_healthy():
            raise Unhealthy(f"invalid requests left: {limits.invalid_left()}")
        return {
            "remaining": limits.global_remaining(),
            "resetTime": limits.global_reset_at().isoformat(),
            "bucket": "global",
            "invalidRequestsLeft": limits.invalid_left(),
        }

    def third_party() -> dict[str, Any]:
        services = bot_presences(bot)
        return {"services": services}

    only_bot = frozenset({BOT})
    register(Check("discord", discord_check, critical=True, processes=only_bot))
    register(Check("rateLimit", rate_limit, critical=True, processes=only_bot))
    register(Check("thirdParty", third_party, critical=False, processes=only_bot))


def _ask_bot(name: str) -> dict[str, Any]:
    try:
        answer = httpx.get(f"{settings.BOT_HEALTH_URL}/health", timeout=_TIMEOUT, trust_env=False)
        found: dict[str, Any] = answer.json()["checks"][name]
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise Unhealthy("the bot does not answer") from error
    if found.get("status") != "healthy":
        raise Unhealthy(str(found.get("error", "the bot says that it is not healthy"))[:200])
    return found


def _asks_bot(name: str) -> Any:
    return lambda: _ask_bot(name)


for _name in _FROM_BOT:
    register(
        Check(_name, _asks_bot(_name), critical=_name == "discord", processes=frozenset({WEB}))
    )

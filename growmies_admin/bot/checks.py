"""The bot's checks on itself, and the web's checks that ask the bot."""

import math
from typing import Any

import httpx
from django.conf import settings

from growmies_admin.bot.guild import our_guild
from monitoring.health import asking
from monitoring.health.registry import BOT, WEB, Check, Degraded, Unhealthy, register

_FROM_BOT = ("discord", "rateLimit", "thirdParty")
_SAID_ALREADY = ("status", "error", "runbook")


def register_bot(bot: Any) -> None:
    """Register the checks that read the running client. `bot` is a client.Bot."""

    def discord_check() -> dict[str, Any]:
        if not bot.online:
            raise Unhealthy("Discord client not ready")
        latency = bot.latency if math.isfinite(bot.latency) else 0.0
        found = {"ping": f"{latency * 1000:.0f}ms", "guilds": len(bot.guilds), "shards": 1}
        if bot.connected_since is not None:
            found["connectedSince"] = bot.connected_since.isoformat(timespec="seconds")
        return found

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
        services = bot.figures.bots.look(our_guild(bot))
        if not settings.DISCORD_PRESENCES:
            return {"services": {name: {"status": "unknown"} for name in services}}
        away = [name for name, service in services.items() if service["status"] != "healthy"]
        if away:
            raise Degraded(f"{', '.join(away)} offline", services=services)
        return {"services": services}

    only_bot = frozenset({BOT})
    for name, run, critical in (
        ("discord", discord_check, True),
        ("rateLimit", rate_limit, True),
        ("thirdParty", third_party, False),
    ):
        register(Check(name, run, critical, only_bot, runbook=_runbook(name)))


def _runbook(name: str) -> str:
    return f"docs/runbooks/health-{name}.md"


def _ask_bot(name: str) -> dict[str, Any]:
    try:
        answer = asking.get(f"{settings.BOT_HEALTH_URL}/health")
        found: dict[str, Any] = answer.json()["checks"][name]
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise Unhealthy("the bot does not answer") from error
    if found.get("status") == "healthy":
        return found
    sentence = str(found.get("error", "the bot says that it is not healthy"))[:200]
    fields = {name: value for name, value in found.items() if name not in _SAID_ALREADY}
    kind = Degraded if found.get("status") == Degraded.status else Unhealthy
    raise kind(sentence, **fields)


def _asks_bot(name: str) -> Any:
    return lambda: _ask_bot(name)


for _name in _FROM_BOT:
    register(
        Check(
            _name,
            _asks_bot(_name),
            critical=_name == "discord",
            processes=frozenset({WEB}),
            runbook=_runbook(_name),
        )
    )

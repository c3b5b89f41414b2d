"""What the bot makes of Discord's answer to a delivery."""

from types import SimpleNamespace

import aiohttp
import discord
import pytest

from compliance.effects import delivery
from compliance.effects.models import Effect
from growmies_admin.bot import delivering, effects
from growmies_admin.bot.roll_call import RollCall


def refusal(status, code, kind="application/json"):
    """discord.py's error for an answer; `code` None: a page of somebody before Discord."""
    error = {403: discord.Forbidden, 404: discord.NotFound}.get(status, discord.HTTPException)
    response = SimpleNamespace(
        status=status,
        reason="",
        headers={"Content-Type": kind if code is not None else "text/html"},
    )
    return error(response, {"code": code, "message": "no"} if code is not None else "<html>no")


def verdict(error, *, is_here=False, kind="role"):
    guild = SimpleNamespace(get_member=lambda member_id: object() if is_here else None)
    effect = Effect(kind=kind, member_id=7, payload={"present": True})
    return delivering._verdict(guild, effect, error)[:2]


@pytest.mark.parametrize(
    ("status", "code", "outcome", "act"),
    [
        (403, 50013, "failed", delivery.failed),
        (404, 10011, "failed", delivery.failed),
        (400, 50035, "failed", delivery.failed),
        (400, 0, "failed", delivery.failed),  # Discord's own "malformed", without a number
        (403, 50278, "failed", delivery.failed),
        (403, 50007, "failed", delivery.failed),
        (404, 10007, "parked", delivery.park),
        (404, 10013, "parked", delivery.park),
        # What passes, whatever its status: discord-api-docs#6473.
        (403, 40333, "retry", delivery.retry_later),
        (400, 40003, "retry", delivery.retry_later),
        (403, 40003, "retry", delivery.retry_later),
        (400, 40004, "retry", delivery.retry_later),
        (400, 40006, "retry", delivery.retry_later),
        (403, 20028, "retry", delivery.retry_later),
        (503, 130000, "retry", delivery.retry_later),
        (400, 130000, "retry", delivery.retry_later),
        # Cloudflare's pages and those of proxies.
        (400, None, "retry", delivery.retry_later),
        (403, None, "retry", delivery.retry_later),
        (404, None, "retry", delivery.retry_later),
        (403, 0, "retry", delivery.retry_later),
        (404, 0, "retry", delivery.retry_later),
        (500, 0, "retry", delivery.retry_later),
        (401, 0, "retry", delivery.retry_later),
        (504, None, "retry", delivery.no_answer),
        (524, None, "retry", delivery.no_answer),
    ],
)
@pytest.mark.parametrize("kind", ["role", "message"])
def test_it_works(status, code, outcome, act, kind):
    assert verdict(refusal(status, code), kind=kind) == (outcome, act)


def test_words_in_json_of_somebody_else_are_not_discords():
    error = refusal(400, 0, kind="application/problem+json")
    assert verdict(error) == ("retry", delivery.retry_later)


def test_whoever_takes_no_messages_is_told_apart_in_words():
    for code in (50007, 50278):
        guild = SimpleNamespace(get_member=lambda member_id: None)
        effect = Effect(kind="message", member_id=7, payload={})
        words, told = delivering._verdict(guild, effect, refusal(403, code))[2]
        assert "takes no direct messages" in words and told == code


def test_who_is_seen_in_the_guild_is_not_parked():
    assert verdict(refusal(404, 10007), is_here=True) == ("retry", delivery.retry_later)


@pytest.mark.parametrize(
    ("error", "act"),
    [
        (aiohttp.ServerDisconnectedError(), delivery.no_answer),
        (TimeoutError(), delivery.no_answer),
        (aiohttp.ClientConnectorError(None, OSError()), delivery.retry_later),
        (discord.RateLimited(60), delivery.retry_later),
    ],
)
async def test_without_an_answer_it_may_still_be_done(error, act, monkeypatch):
    bot = delivering.Delivery(None, None, RollCall())

    async def raises(client, guild, effect):
        raise error

    monkeypatch.setattr(effects.of("role"), "deliver", raises)
    effect = Effect(kind="role", member_id=7, payload={"present": True})
    assert (await bot._attempt(None, effect))[:2] == ("retry", act)

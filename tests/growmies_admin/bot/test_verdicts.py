"""What the bot makes of Discord's answer to a delivery."""

from types import SimpleNamespace

import aiohttp
import discord
import pytest

from compliance.effects import delivery
from compliance.effects.models import Effect, Kind
from growmies_admin.bot import delivering


def refusal(status, code):
    kind = {403: discord.Forbidden, 404: discord.NotFound}.get(status, discord.HTTPException)
    response = SimpleNamespace(status=status, reason="")
    return kind(response, {"code": code, "message": "no"} if code else "<html>no</html>")


def verdict(error, *, is_here=False):
    guild = SimpleNamespace(get_member=lambda member_id: object() if is_here else None)
    effect = Effect(kind=Kind.ROLE, member_id=7, payload={"present": True})
    return delivering._verdict(guild, effect, error)[:2]


@pytest.mark.parametrize(
    ("status", "code", "outcome", "act"),
    [
        (403, 50013, "failed", delivery.failed),
        (404, 10011, "failed", delivery.failed),
        (400, 50035, "failed", delivery.failed),
        (400, 0, "failed", delivery.failed),
        (404, 10007, "parked", delivery.park),
        (403, 0, "retry", delivery.retry_later),
        (404, 0, "retry", delivery.retry_later),
        (500, 0, "retry", delivery.retry_later),
        (401, 0, "retry", delivery.retry_later),
        (504, 0, "retry", delivery.no_answer),
    ],
)
def test_it_works(status, code, outcome, act):
    assert verdict(refusal(status, code)) == (outcome, act)


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
    bot = delivering.Delivery(None, None)

    async def raises(guild, effect):
        raise error

    monkeypatch.setattr(bot, "_role", raises)
    effect = Effect(kind=Kind.ROLE, member_id=7, payload={"present": True})
    assert (await bot._attempt(None, effect))[:2] == ("retry", act)

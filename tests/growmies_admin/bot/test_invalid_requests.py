"""The budget of invalid requests: watched over real HTTP, and it slows the bot before a ban."""

from types import SimpleNamespace

import aiohttp
import pytest
from aiohttp import web

from growmies_admin.bot.delivering import Delivery
from growmies_admin.bot.ratelimits import LONGEST_PAUSE_SECONDS, RateLimits


@pytest.fixture
async def refusing():
    """A server that answers what the path says: /403, /429, …"""

    async def answer(request):
        status = int(request.match_info["status"])
        headers = {"X-RateLimit-Scope": "shared"} if "shared" in request.query else {}
        return web.json_response({"code": 50013}, status=status, headers=headers)

    app = web.Application()
    app.router.add_get("/{status}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    await runner.cleanup()


async def ask(limits, base, *paths):
    async with aiohttp.ClientSession(trace_configs=[limits.trace()]) as session:
        for path in paths:
            async with session.get(f"{base}/{path}"):
                pass


async def test_it_works(refusing):
    limits = RateLimits(allowed=100, reserve=20)
    await ask(limits, refusing, "401", "403", "429", "200", "404", "500")
    assert limits.invalid_left() == 97
    assert limits.pause_seconds() == 0
    assert limits.is_healthy()


async def test_a_shared_limit_is_nobodys_fault(refusing):
    limits = RateLimits(allowed=100, reserve=20)
    await ask(limits, refusing, "429?shared=1")
    assert limits.invalid_left() == 100


async def test_it_slows_down_from_half_of_the_budget_on(refusing):
    limits = RateLimits(allowed=20, reserve=4)
    await ask(limits, refusing, *["403"] * 11)
    first = limits.pause_seconds()
    await ask(limits, refusing, *["403"] * 4)
    assert 0 < first < limits.pause_seconds() < LONGEST_PAUSE_SECONDS
    assert not limits.must_pause()


async def test_it_pauses_before_the_ban(refusing):
    limits = RateLimits(allowed=20, reserve=4)
    await ask(limits, refusing, *["403"] * 17)
    assert limits.must_pause()
    assert not limits.is_healthy()
    assert limits.pause_seconds() == LONGEST_PAUSE_SECONDS


async def test_nothing_is_leased_while_it_pauses(refusing, monkeypatch):
    limits = RateLimits(allowed=2, reserve=2)
    await ask(limits, refusing, "403")
    delivery = Delivery(SimpleNamespace(), limits)
    delivery._holds_lock = True
    guild = SimpleNamespace(unavailable=False)
    monkeypatch.setattr("growmies_admin.bot.delivering.our_guild", lambda client: guild)
    # A lease would ask the database, which this test has not.
    assert await delivery._round() == LONGEST_PAUSE_SECONDS

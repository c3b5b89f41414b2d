"""Rate limits by bucket, from the headers of real HTTP answers; bounded, and whole in time."""

import asyncio

import aiohttp
import pytest
from aiohttp import web
from prometheus_client import REGISTRY

from growmies_admin.bot import metrics
from growmies_admin.bot.ratelimits import RateLimits
from tests.growmies_admin.bot.living import person, running


@pytest.fixture
async def discord_like():
    """Answers with the headers that Discord sends: /<bucket>/<remaining>."""

    async def answer(request):
        headers = {
            "X-RateLimit-Bucket": request.match_info["bucket"],
            "X-RateLimit-Limit": "5",
            "X-RateLimit-Remaining": request.match_info["remaining"],
            "X-RateLimit-Reset-After": request.query.get("reset", "60"),
        }
        return web.json_response({}, headers=headers)

    app = web.Application()
    app.router.add_get("/{bucket}/{remaining}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    await runner.cleanup()


@pytest.fixture(autouse=True)
def forget():
    """Buckets of a test are not known to the next one."""
    families = (metrics.rate_limit_remaining, metrics.rate_limit)
    before = [family.bounded.values["bucket"] for family in families]
    yield
    for family, values in zip(families, before, strict=True):
        family.bounded.values["bucket"] = values
        family.metric.clear()


async def ask(limits, base, *paths):
    async with aiohttp.ClientSession(trace_configs=[limits.trace()]) as session:
        for path in paths:
            async with session.get(f"{base}/{path}"):
                pass
    limits.export()


def value(bucket, name="discord_api_rate_limit_remaining"):
    return REGISTRY.get_sample_value(name, {"bucket": bucket})


async def test_it_works(discord_like):
    await ask(RateLimits(), discord_like, "abc/4", "abc/3", "def/0")
    assert (value("abc"), value("def")) == (3, 0)
    assert value("abc", "discord_api_rate_limit_limit") == 5
    assert value("global") == 47


async def test_a_window_that_has_passed_is_whole_again(discord_like):
    limits = RateLimits()
    await ask(limits, discord_like, "abc/0?reset=0.1")
    assert value("abc") == 0
    await asyncio.sleep(0.2)
    limits.export()
    assert value("abc") == 5


async def test_a_flood_of_buckets_folds_into_other(discord_like):
    await ask(RateLimits(), discord_like, *[f"bucket{number}/2" for number in range(120)])
    assert value("bucket0") == 2
    assert value("bucket119") is None
    assert value("other") == 2
    found = list(metrics.rate_limit.metric.collect()[0].samples)
    assert len(found) <= 52


@pytest.mark.django_db(transaction=True)
async def test_a_call_that_is_given_up_during_a_global_limit_holds_up_nobody(guild):
    """discord.py lets the others go on when the call that was refused has waited to its end."""
    async with running(guild) as bot:
        fern = await person(guild)
        limit = {"kind": "ratelimit", "scope": "global", "seconds": 2}
        await guild.control("POST", "/faults", limit)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await bot.http.start_private_message(int(fern.id))
        async with asyncio.timeout(20):
            assert (await bot.http.start_private_message(int(fern.id)))["id"]

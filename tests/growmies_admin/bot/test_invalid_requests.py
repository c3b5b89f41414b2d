"""The budget of invalid requests: watched over real HTTP, and it slows the bot before a ban."""

import asyncio
import contextlib
import time
from types import SimpleNamespace

import aiohttp
import pytest
from aiohttp import web
from django.utils import timezone

from compliance.effects import outbox
from compliance.effects.kinds import role
from compliance.effects.models import Effect, EffectState
from growmies_admin.bot.database import in_database
from growmies_admin.bot.delivering import Delivery
from growmies_admin.bot.ratelimits import LONGEST_PAUSE_SECONDS, RateLimits
from growmies_admin.bot.roll_call import RollCall


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
    delivery = Delivery(SimpleNamespace(), limits, RollCall())
    delivery._holds_lock = True
    guild = SimpleNamespace(unavailable=False)
    monkeypatch.setattr("growmies_admin.bot.delivering.our_guild", lambda client: guild)
    # A lease would ask the database, which this test has not.
    assert await delivery._round() == LONGEST_PAUSE_SECONDS


# Delivery while the budget ends: real effects and notifications, and a guild that only notes.

with_database = pytest.mark.django_db(transaction=True)
SECONDS = 15


def limits_with(left):
    """A budget of 10,000 of which so many are left."""
    limits = RateLimits()
    limits._invalid.extend([time.monotonic()] * (limits.allowed - left))
    return limits


class Discord:
    """Takes roles: when each call began, and how many were under way at once at the most."""

    def __init__(self, takes_seconds):
        self.http = self
        self.takes_seconds = takes_seconds
        self.began = []
        self.under_way = self.most_at_once = 0

    async def add_role(self, *ids, reason):
        self.began.append(time.monotonic())
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        await asyncio.sleep(self.takes_seconds)
        self.under_way -= 1

    @property
    def pauses(self):
        return [after - before for before, after in zip(self.began, self.began[1:], strict=False)]


def want_roles(count):
    for member_id in range(1, count + 1):
        role.want(member_id, "verified", True, cause="test:1", not_before=timezone.now())


def states():
    return set(Effect.objects.values_list("state", flat=True))


async def until(what):
    async with asyncio.timeout(SECONDS):
        while not what():
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def delivering(monkeypatch, limits, takes_seconds=0.01):
    """A running delivery that somebody keeps waking, by hand and by PostgreSQL."""
    guild = SimpleNamespace(id=1, unavailable=False, get_member=lambda member_id: None)
    monkeypatch.setattr("growmies_admin.bot.delivering.our_guild", lambda client: guild)
    monkeypatch.setattr(
        "growmies_admin.bot.effects.role.grantable", lambda guild: SimpleNamespace(id=2)
    )
    discord = Discord(takes_seconds)
    roll = RollCall()
    roll.chunk({"guild_id": 1, "chunk_index": 0, "chunk_count": 1})  # everybody is here
    delivery = Delivery(discord, limits, roll)

    async def wake():
        while True:
            await asyncio.sleep(0.02)
            delivery.wake()
            await in_database(outbox.notify)

    tasks = [asyncio.create_task(delivery.run()), asyncio.create_task(wake())]
    try:
        yield discord
    finally:
        await delivery.stop()
        tasks[1].cancel()
        await asyncio.wait(tasks, timeout=SECONDS)


@with_database
async def test_with_half_of_the_budget_several_go_at_once(monkeypatch):
    limits = limits_with(left=5_000)
    await in_database(want_roles, 4)
    async with delivering(monkeypatch, limits, takes_seconds=0.5) as discord:
        await until(lambda: len(discord.began) == 4)
    assert discord.most_at_once > 1


@with_database
async def test_with_less_than_half_they_go_one_by_one_however_often_it_is_woken(monkeypatch):
    limits = limits_with(left=4_900)
    pause = limits.pause_seconds()
    assert pause > 0.5
    await in_database(want_roles, 4)
    async with delivering(monkeypatch, limits) as discord:
        await until(lambda: len(discord.began) == 4)
    assert discord.most_at_once == 1
    # What is measured begins a moment after what is held.
    assert min(discord.pauses) > 0.8 * pause


@with_database
async def test_a_slow_call_ends_before_the_next_begins(monkeypatch):
    limits = limits_with(left=4_900)
    slow = 2 * limits.pause_seconds()
    await in_database(want_roles, 2)
    async with delivering(monkeypatch, limits, takes_seconds=slow) as discord:
        await until(lambda: len(discord.began) == 2)
    assert discord.most_at_once == 1
    assert discord.pauses[0] > 0.9 * slow


@with_database
async def test_below_the_reserve_none_goes_until_there_is_budget_again(monkeypatch):
    limits = limits_with(left=1_999)
    await in_database(want_roles, 2)
    async with delivering(monkeypatch, limits) as discord:
        await asyncio.sleep(1.5)
        assert discord.began == []
        assert await in_database(states) <= {EffectState.WAITING, EffectState.READY}
        limits._invalid.clear()
        await until(lambda: len(discord.began) == 2)

"""What a bot has used up of the budget of invalid requests is known to the next one."""

import asyncio
import inspect
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from structlog.testing import capture_logs

from growmies_admin import policy
from growmies_admin.bot import invalid_requests, ratelimits, running
from growmies_admin.bot.client import Bot
from growmies_admin.bot.ratelimits import INVALID_WINDOW_SECONDS, RateLimits
from growmies_admin.cache import AGAIN_AFTER, TolerantCache
from monitoring.breaking import Breaker

SECONDS = 15


class Clock:
    """Wall clock and monotonic clock; the latter begins anew with a new machine."""

    def __init__(self):
        self.wall, self.running = 1_800_000_000.0, 5_000.0

    def time(self):
        return self.wall

    def monotonic(self):
        return self.running

    def goes(self, seconds):
        self.wall += seconds
        self.running += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(ratelimits, "time", clock)
    return clock


@pytest.fixture
def without_valkey(settings, monkeypatch):
    monkeypatch.setattr(TolerantCache, "breaker", Breaker("cache_away", AGAIN_AFTER))
    gone = settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/1"}
    settings.CACHES = {"default": gone}


def refused(limits, times):
    limits._invalid.extend([ratelimits.time.monotonic()] * times)


async def started_again():
    limits = RateLimits()
    await invalid_requests.load(limits)
    return limits


async def test_it_works(clock):
    limits = RateLimits()
    for times in (3, 4, 5):
        refused(limits, times)
        clock.goes(90)
    await invalid_requests.save(limits)
    clock.running = 7.0
    after = await started_again()
    assert after.invalid_left() == limits.invalid_left() == 10_000 - 12


async def test_they_run_out_in_the_next_one_as_they_would_have(clock):
    limits = RateLimits()
    refused(limits, 3)
    clock.goes(300)
    refused(limits, 4)
    await invalid_requests.save(limits)
    after = await started_again()
    clock.goes(INVALID_WINDOW_SECONDS - 300 + 60)
    assert after.invalid_left() == 10_000 - 4
    clock.goes(300)
    assert after.invalid_left() == 10_000


async def test_what_is_older_than_the_window_is_left_out(clock):
    limits = RateLimits()
    refused(limits, 3)
    clock.goes(300)
    refused(limits, 4)
    await invalid_requests.save(limits)
    clock.goes(INVALID_WINDOW_SECONDS - 240)
    assert (await started_again()).invalid_left() == 10_000 - 4


async def test_many_restarts_make_no_more_of_them(clock):
    limits = RateLimits()
    refused(limits, 3)
    for _ in range(5):
        await invalid_requests.save(limits)
        clock.goes(20)
        limits = await started_again()
        refused(limits, 1)
    assert limits.invalid_left() == 10_000 - 8


async def test_a_bot_that_knows_some_already_counts_them_too(clock):
    limits = RateLimits()
    refused(limits, 3)
    await invalid_requests.save(limits)
    clock.goes(120)
    after = RateLimits()
    refused(after, 2)
    await invalid_requests.load(after)
    assert after.invalid_left() == 10_000 - 5
    clock.goes(INVALID_WINDOW_SECONDS - 60)
    assert after.invalid_left() == 10_000 - 2


async def test_without_valkey_nothing_changes_but_a_warning(without_valkey):
    limits = RateLimits()
    refused(limits, 3)
    with capture_logs() as logs:
        await invalid_requests.save(limits)
        await invalid_requests.load(limits)
    assert limits.invalid_left() == 10_000 - 3
    assert {entry["log_level"] for entry in logs} == {"warning"}


@pytest.mark.parametrize("kept", ["words", {"minute": 3}, [1, 2]])
async def test_what_makes_no_sense_is_left(kept):
    cache.set(invalid_requests.KEY, kept)
    with capture_logs() as logs:
        assert (await started_again()).invalid_left() == 10_000
    assert logs[0]["event"] == "invalid_requests_not_loaded"


async def test_the_bot_saves_now_and_then(monkeypatch):
    monkeypatch.setattr(policy, "INVALID_REQUESTS_SAVED_EVERY", timedelta(seconds=0.02))
    limits = RateLimits()
    bot = Bot(limits)
    (work,) = (
        work
        for work in bot.background()
        if inspect.getcoroutinelocals(work)["self"] is bot.invalid_requests or work.close()
    )
    task = asyncio.create_task(work)
    try:
        for times in (3, 4):
            refused(limits, times)
            async with asyncio.timeout(SECONDS):
                while (await started_again()).invalid_left() != limits.invalid_left():
                    await asyncio.sleep(0.02)
    finally:
        task.cancel()


async def test_a_bot_that_starts_loads_and_one_that_ends_saves(monkeypatch):
    found = []

    async def session(client, stop):
        found.append(client.limits.invalid_left())
        refused(client.limits, 3)
        stop.set()
        return True

    async def nothing():
        pass

    server = SimpleNamespace(start=nothing, stop=nothing, client=None)
    monkeypatch.setattr(running, "_session", session)
    monkeypatch.setattr(running, "HealthServer", lambda: server)
    monkeypatch.setattr(running, "Bot", lambda limits, _: SimpleNamespace(limits=limits))
    monkeypatch.setattr(running.checks, "register_bot", lambda client: None)
    monkeypatch.setattr(running.connection, "point", lambda: None)
    monkeypatch.setattr(asyncio.get_running_loop(), "add_signal_handler", lambda *args: None)
    for _ in range(3):
        await running.run()
    assert found == [10_000, 9_997, 9_994]

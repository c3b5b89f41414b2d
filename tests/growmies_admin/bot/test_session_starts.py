"""How often the bot begins a session: never so often that Discord takes its token away."""

import asyncio

import pytest
from prometheus_client import REGISTRY

from growmies_admin import policy
from growmies_admin.bot.client import Bot
from growmies_admin.bot.ratelimits import RateLimits
from growmies_admin.bot.session_starts import SessionStarts, TooMany
from tests.growmies_admin.bot.living import running

DAY = 86_400
ALLOWED_A_DAY = 1_000


def begin_until_refused(starts, now=0.0, left=None):
    """How many sessions in a row begin at `now`, and the pause after them."""
    count = 0
    while True:
        try:
            starts.count(now, left)
        except TooMany as many:
            return count, many.pause_seconds
        count += 1


def test_it_works():
    count, pause = begin_until_refused(SessionStarts())
    assert (count, pause) == (policy.SESSION_STARTS_FREE, 60)


def test_the_pauses_grow():
    starts, now, pauses = SessionStarts(), 0.0, []
    for _ in range(5):
        _, pause = begin_until_refused(starts, now)
        pauses.append(pause)
        now += pause
    assert pauses == [60, 300, 900, 3600, 60]  # after an hour the window is empty again


def test_a_pause_is_kept_whoever_asks_meanwhile():
    starts = SessionStarts()
    begin_until_refused(starts)
    with pytest.raises(TooMany) as many:
        starts.count(20.0, None)
    assert many.value.pause_seconds == 40


@pytest.mark.parametrize("seconds", [0.1, 3.5, 30])
def test_a_client_that_always_fails_stays_far_below_discords_limit(seconds):
    starts, now, begun = SessionStarts(), 0.0, 0
    while now < DAY:
        try:
            starts.count(now, None)
            begun += 1
            now += seconds
        except TooMany as many:
            now += many.pause_seconds
    assert begun < ALLOWED_A_DAY * 0.7


def test_usual_reconnects_never_wait():
    starts = SessionStarts()
    for number in range(200):
        starts.count(number * 240.0, 900)


def test_when_discord_has_few_left_each_waits_an_hour():
    starts = SessionStarts()
    with pytest.raises(TooMany) as many:
        starts.count(0.0, policy.SESSION_STARTS_RESERVE - 1)
    assert many.value.pause_seconds == 3600
    starts.count(3600.0, policy.SESSION_STARTS_RESERVE - 1)
    with pytest.raises(TooMany):
        starts.count(3700.0, policy.SESSION_STARTS_RESERVE - 2)


@pytest.mark.django_db(transaction=True)
async def test_what_discord_says_is_exported(guild):
    async with running(guild):
        assert REGISTRY.get_sample_value("discord_session_starts_left") == ALLOWED_A_DAY


@pytest.mark.django_db(transaction=True)
async def test_the_client_ends_before_it_uses_up_the_last(guild):
    async with running(guild):
        pass  # the addresses are set
    await guild.control("POST", "/faults", {"kind": "session_limit", "total": 20, "seconds": 60})
    bot = Bot(RateLimits())
    try:
        with pytest.raises(TooMany):
            await asyncio.wait_for(bot.start(guild.token), 15)
    finally:
        await bot.close()
    assert guild.practice.identifies == 1


@pytest.mark.django_db(transaction=True)
async def test_without_an_answer_it_goes_on(guild):
    fault = {"kind": "page", "status": 403, "route": "GET /gateway/bot", "seconds": 60}
    await guild.control("POST", "/faults", fault)
    async with running(guild) as bot:
        assert bot.online

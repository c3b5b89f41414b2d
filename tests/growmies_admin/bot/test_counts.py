"""Online, verified and in voice: events move them, scans repair them, the loop is never held."""

import asyncio

import pytest

from growmies_admin.bot.counts import Counts
from growmies_admin.bot.other_bots import OtherBots
from monitoring.uptime import metrics
from tests.growmies_admin.bot.counting import be, guild  # noqa: F401


async def test_it_works(guild):
    guild.add(11, status="online", verified=True)
    guild.add(12, status="idle")
    guild.add(13, status="offline", verified=True)
    guild.add(14, status="online", bot=True, verified=True)
    counts = Counts()
    await counts.reconcile_users(guild.real)
    await counts.reconcile_roles(guild.real, guild.role)
    assert (counts.online, counts.verified) == ({11, 12}, {11, 13})


async def test_events_move_them_and_may_come_twice(guild):
    member = guild.add(11)
    counts = Counts()
    for _ in range(2):
        be(member, "online")
        counts.presence(member)
        counts.in_voice(member, guild.real.get_channel(9))
        assert (counts.online, counts.voice) == ({11}, {11})
    counts.in_voice(member, None)
    counts.gone(11)
    assert (counts.online, counts.voice) == (set(), set())


async def test_a_scan_repairs_what_events_missed(guild):
    member = guild.add(11, status="online", verified=True)
    counts = Counts()
    counts.online, counts.verified, counts.voice = {11, 404}, {404}, {404}
    await counts.reconcile_users(guild.real)
    await counts.reconcile_roles(guild.real, guild.role)
    assert (counts.online, counts.verified, counts.voice) == ({11}, {11}, set())
    be(member, "offline")
    await counts.reconcile_users(guild.real)
    assert counts.online == set()


async def test_a_scan_lets_everything_else_have_its_turn(guild, monkeypatch):
    """How long it holds the loop at most is measured by ./dev bench test_counts."""
    for number in range(2_000):
        guild.add(1000 + number, status=("online", "offline")[number % 2], verified=number % 3 == 0)
    monkeypatch.setattr("growmies_admin.bot.counts._SLICE_SECONDS", 0)  # each look at the clock
    counts, turns = Counts(), 0

    async def others():
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    task = asyncio.create_task(others())
    await counts.reconcile_users(guild.real)
    await counts.reconcile_roles(guild.real, guild.role)
    task.cancel()
    assert (len(counts.online), len(counts.verified)) == (1_000, 667)
    assert turns >= 2 * 2_000 // 25


@pytest.fixture
def configured(monkeypatch):
    def be(*bots):
        made = tuple(metrics.OtherBot(*bot) for bot in bots)
        monkeypatch.setattr("growmies_admin.bot.other_bots.BOTS", made)

    return be


async def test_other_bots_by_name(guild):
    guild.add(21, name="Carl-bot", status="online", bot=True)
    guild.add(22, name="sesh-time", status="offline", bot=True)
    guild.add(23, name="statbot", status="online")  # a person who calls themselves so
    bots = OtherBots()
    await bots.find(guild.real)
    found = bots.look(guild.real)
    assert {name: bot["status"] for name, bot in found.items()} == {
        "carl-bot": "healthy",
        "sesh": "offline",
        "statbot": "offline",
        "xenon": "offline",
    }
    assert found["carl-bot"]["lastSeen"].startswith("20")
    assert found["sesh"]["lastSeen"] == "unknown"


async def test_an_exact_name_goes_first(guild):
    guild.add(21, name="not-xenon", status="online", bot=True)
    guild.add(22, name="xenon", status="offline", bot=True)
    bots = OtherBots()
    await bots.find(guild.real)
    assert bots.look(guild.real)["xenon"]["status"] == "offline"


async def test_a_configured_id_alone_counts(guild, configured):
    configured(("xenon", "backup", 22))
    guild.add(21, name="xenon", status="online", bot=True)
    guild.add(22, name="Zeno", status="offline", bot=True)
    bots = OtherBots()
    await bots.find(guild.real)
    assert bots.look(guild.real)["xenon"]["status"] == "offline"


async def test_when_it_was_seen_last_is_kept(guild):
    member = guild.add(21, name="sesh", status="online", bot=True)
    bots = OtherBots()
    await bots.find(guild.real)
    seen = bots.look(guild.real)["sesh"]["lastSeen"]
    be(member, "offline")
    assert bots.look(guild.real)["sesh"] == {"status": "offline", "lastSeen": seen}

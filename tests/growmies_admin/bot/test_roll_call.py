"""Who is in the guild is known by the chunks of this session, never by comparing counts."""

import asyncio
import time
from datetime import timedelta
from types import SimpleNamespace

import discord
import pytest
from django.utils import timezone

from compliance.effects.models import Effect, EffectState
from compliance.members.models import Member
from growmies_admin import policy
from growmies_admin.bot.database import in_database
from growmies_admin.bot.roll_call import RollCall
from tests.growmies_admin.bot.living import a_message_for, is_in_guild, person, running, until

pytestmark = pytest.mark.django_db(transaction=True)
GONE = 1187342001234567890


OURS, OTHER = SimpleNamespace(id=7), SimpleNamespace(id=8)


def chunk(index, count, nonce="a", of=OURS):
    facts = {"nonce": nonce, "chunk_index": index, "chunk_count": count, "members": []}
    return {**facts, "guild_id": str(of.id)}


def test_it_works():
    roll = RollCall()
    for index in range(3):
        assert not roll.has_all(OURS)
        roll.chunk(chunk(index, 3))
    assert roll.has_all(OURS)


def test_the_last_chunk_alone_is_not_all_of_them():
    roll = RollCall()
    roll.chunk(chunk(0, 3))
    roll.chunk(chunk(2, 3))
    assert not roll.has_all(OURS)


def test_chunks_of_two_requests_are_not_added_up():
    roll = RollCall()
    roll.chunk(chunk(0, 2, "a"))
    roll.chunk(chunk(1, 2, "b"))
    assert not roll.has_all(OURS)


def test_another_guild_says_nothing_of_ours():
    roll = RollCall()
    roll.chunk(chunk(0, 1, of=OTHER))
    assert roll.has_all(OTHER) and not roll.has_all(OURS)
    roll.chunk(chunk(0, 1))
    roll.begin(OTHER.id)
    assert roll.has_all(OURS) and not roll.has_all(OTHER)


def test_a_new_session_begins_anew():
    roll = RollCall()
    roll.chunk(chunk(0, 1))
    roll.begin()
    assert not roll.has_all(OURS)


def absent():
    Member.objects.create(discord_id=GONE, username="gone", seen_at=timezone.now())


async def big(guild, count=260):
    """More members than Discord names in GUILD_CREATE."""
    for number in range(count):
        await guild.member(f"member{number}")


@pytest.mark.parametrize("offset", [-1, 1, 3])
@pytest.mark.parametrize("members", [0, 260])
async def test_a_count_that_is_off_keeps_nobody_in(guild, offset, members):
    """Who left while the bot was away is known to be gone, and deliveries do not crawl."""
    await big(guild, members)
    await guild.control(
        "POST", "/faults", {"kind": "member_count", "offset": offset, "seconds": 60}
    )
    await in_database(absent)
    async with running(guild) as bot:
        assert bot.guilds[0].chunked is False

        async def left():
            return not await in_database(is_in_guild, GONE)

        await until(left)
        fern = await person(guild)

        async def seen():
            return await in_database(is_in_guild, int(fern.id))

        await until(seen)
        began = time.monotonic()
        for _ in range(3):
            assert await bot.delivery._now_in_the_guild(int(fern.id)) is not None
            assert await bot.delivery._now_in_the_guild(GONE) is None
        assert time.monotonic() - began < 4, "each waits for a second or more"


def state():
    return Effect.objects.get().state


async def test_a_message_to_who_left_is_parked_though_the_count_is_off(guild):
    await guild.control("POST", "/faults", {"kind": "member_count", "offset": 1, "seconds": 60})
    await in_database(absent)
    async with running(guild) as bot:
        effect = await in_database(a_message_for, GONE)
        await bot.delivery._deliver(bot.guilds[0], effect)
        assert await in_database(state) == EffectState.PARKED


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(policy, "MEMBERS_NAMED_WITHIN", timedelta(seconds=0.4))


async def named_at_the_start(bot):
    async def all_of_them():
        return bot.roll.has_all(bot.guilds[0])

    await until(all_of_them)


async def test_an_answer_that_never_comes_holds_nothing_up(guild, impatient):
    """The scan goes on without it, and the next one asks again."""
    async with running(guild) as bot:
        ours, state = bot.guilds[0], bot._connection
        asks = state.chunker

        async def lost(*args, **options):
            pass

        await named_at_the_start(bot)
        bot.roll.begin()
        state.chunker = lost
        await asyncio.wait_for(bot.roll.ask(ours, with_presences=False), 5)
        assert not bot.roll.has_all(ours), "nobody is marked as gone"
        state.chunker = asks
        await asyncio.wait_for(bot.roll.ask(ours, with_presences=False), 5)
        assert bot.roll.has_all(ours)


async def test_an_answer_that_comes_before_the_question_is_sent_counts(guild):
    """discord.py begins to wait when its question is gone; on a busy machine that is late."""
    async with running(guild) as bot:
        ours, state = bot.guilds[0], bot._connection
        asks = state.chunker

        async def slow(*args, **options):
            await asks(*args, **options)

            async def named():
                return bot.roll.has_all(ours)

            await until(named)

        await named_at_the_start(bot)
        bot.roll.begin()
        state.chunker = slow
        await asyncio.wait_for(bot.roll.ask(ours, with_presences=False), 5)
        assert bot.roll.has_all(ours)


async def test_what_discord_py_raises_is_raised(guild):
    async with running(guild) as bot:

        async def broken(*args, **options):
            raise discord.ConnectionClosed(bot.ws.socket, shard_id=None, code=4000)

        await named_at_the_start(bot)
        bot.roll.begin()
        asks, bot._connection.chunker = bot._connection.chunker, broken
        with pytest.raises(discord.ConnectionClosed):
            await bot.roll.ask(bot.guilds[0], with_presences=False)
        bot._connection.chunker = asks
        await asyncio.wait_for(bot.roll.ask(bot.guilds[0], with_presences=False), 5)
        assert bot.roll.has_all(bot.guilds[0])

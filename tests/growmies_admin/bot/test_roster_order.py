"""What the gateway tells of one member is written down in the order in which it told it."""

import asyncio
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from compliance.effects import delivery
from compliance.effects.kinds import role
from compliance.effects.models import Effect, EffectState
from compliance.members import roster
from compliance.members.models import Member
from compliance.verification import writing
from compliance.verification.models import State, VerificationRequest
from growmies_admin.bot import roster_sync
from growmies_admin.bot.database import in_database
from tests.growmies_admin.bot.living import person, running, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def slow_leave(monkeypatch):
    """A leave that takes longer to be written down than the join after it."""
    at_once = roster.left

    def slowly(discord_id):
        time.sleep(0.3)
        at_once(discord_id)

    monkeypatch.setattr(roster, "left", slowly)


def facts(who):
    """(in the guild, when they left, when they joined); None for a stranger."""
    found = Member.objects.filter(discord_id=int(who.id))
    return found.values_list("in_guild", "left_at", "joined_at").first()


async def known(who, is_so=bool):
    """What is written down of them, once `is_so`."""

    async def look():
        found = await in_database(facts, who)
        return found if is_so(found) else None

    return await until(look)


async def leave_and_come_back(guild, who):
    await guild.control("POST", f"/members/{who.id}/leave")
    await guild.control("POST", f"/members/{who.id}/join")


async def test_who_left_and_came_back_is_here(guild, slow_leave):
    async with running(guild) as bot:
        fern = await person(guild)
        await known(fern)
        await leave_and_come_back(guild, fern)
        await asyncio.sleep(0.6)
        in_guild, left_at, joined_at = await known(fern)
        assert (in_guild, left_at) == (True, None)
        assert joined_at == bot.guilds[0].get_member(int(fern.id)).joined_at


def granted(member_id):
    """An approved member who has been given the role, by a clock of ours that is ahead."""
    VerificationRequest.objects.create(
        member_id=member_id,
        state=State.APPROVED,
        method="in_person",
        submitted_at=timezone.now(),
        due_at=timezone.now(),
    )
    role.want(member_id, writing.VERIFIED, True, cause="test", not_before=timezone.now())
    Effect.objects.update(
        state=EffectState.DELIVERED, finished_at=timezone.now() + timedelta(seconds=5)
    )


def is_being_delivered():
    until = timezone.now() + timedelta(minutes=1)
    Effect.objects.update(state=EffectState.DELIVERING, finished_at=None, leased_until=until)
    return Effect.objects.get()


def wishes():
    return list(Effect.objects.order_by("version").values_list("version", "cause"))


async def test_who_came_back_gets_the_role_whatever_the_clocks_say(guild, slow_leave):
    async with running(guild):
        fern = await person(guild)
        await known(fern)
        await in_database(granted, int(fern.id))
        await leave_and_come_back(guild, fern)

        async def is_wanted_again():
            return len(await in_database(wishes)) == 2

        await until(is_wanted_again)
        assert (await in_database(wishes))[1][1].startswith("rejoin:")


@pytest.mark.parametrize("session", ["the same", "a new one"])
async def test_who_left_and_came_back_during_the_delivery(guild, monkeypatch, session):
    """Their join finds nothing delivered yet; the role went with the leave."""
    async with running(guild) as bot:
        fern = await person(guild)
        _, _, first_joined = await known(fern)
        await in_database(granted, int(fern.id))
        effect = await in_database(is_being_delivered)

        async def is_new():
            return (
                bot.guilds
                and bot.guilds[0] is not first_session
                and bot.roll.has_all(bot.guilds[0])
            )

        async def given(attempted_in, attempted):
            if session == "a new one":
                await guild.control("POST", "/faults", {"kind": "invalid_session"})
                await until(is_new)
            await leave_and_come_back(guild, fern)
            await known(fern, lambda found: found[0] and found[2] > first_joined)
            return "delivered", delivery.delivered, ()

        monkeypatch.setattr(bot.delivery, "_attempt", given)
        first_session = bot.guilds[0]
        await bot.delivery._deliver(first_session, effect)
        assert [version for version, _ in await in_database(wishes)] == [1, 2]


async def test_a_scan_writes_nobody_down_who_left_meanwhile(guild):
    async with running(guild) as bot:
        fern = await person(guild)
        await known(fern)
        turn = asyncio.Lock()
        async with turn:  # an event is being written down
            scan = asyncio.create_task(roster_sync.scan(bot.guilds[0], turn, bot.roll))
            await asyncio.sleep(0.1)
            await guild.control("POST", f"/members/{fern.id}/leave")
            await known(fern, lambda found: not found[0])
        await scan
        assert not (await known(fern))[0]

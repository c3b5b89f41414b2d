"""A message to someone who left, unheard by the bot, waits until they are back."""

import pytest
from django.utils import timezone

from compliance.effects import delivery
from compliance.effects.models import Effect, EffectState
from growmies_admin.bot.database import in_database
from tests.growmies_admin.bot.living import a_message_for, person, running, until

pytestmark = pytest.mark.django_db(transaction=True)


def state():
    effect = Effect.objects.get()
    return effect.state, effect.error_code


def again():
    Effect.objects.update(not_before=timezone.now())
    return delivery.lease_due()[0]


async def here(bot, fern):
    """The bot has heard that they are in the guild."""

    async def seen():
        return bot.guilds[0].get_member(int(fern.id))

    await until(seen)


async def attempt(bot, effect):
    await bot.delivery._deliver(bot.guilds[0], effect)
    return await in_database(state)


async def test_it_works(guild):
    async with running(guild) as bot:
        fern = await person(guild)
        await here(bot, fern)
        # From here on the bot hears nothing.
        await guild.control("POST", "/faults", {"kind": "drop_gateway", "seconds": 60})
        await guild.control("POST", f"/members/{fern.id}/leave")
        effect = await in_database(a_message_for, int(fern.id))
        assert await attempt(bot, effect) == (EffectState.READY, 10007)
        await guild.control("POST", f"/members/{fern.id}/join")
        assert (await attempt(bot, await in_database(again)))[0] == EffectState.DELIVERED
        told = await guild.control("GET", f"/members/{fern.id}")
        assert told["dms"] == ["Hello"]


async def test_once_the_bot_has_heard_of_it_it_is_parked(guild):
    async with running(guild) as bot:
        fern = await person(guild)
        await here(bot, fern)
        effect = await in_database(a_message_for, int(fern.id))
        bot.roll.begin()  # all members are being told anew
        await guild.control("POST", f"/members/{fern.id}/leave")

        async def gone():
            return bot.guilds[0].get_member(int(fern.id)) is None

        await until(gone)
        bot.roll.complete = False
        outcome, _, _ = await bot.delivery._attempt(bot.guilds[0], effect)
        assert outcome == "parked"


async def test_who_is_here_and_takes_no_messages_is_not_asked_again(guild):
    async with running(guild) as bot:
        fern = await person(guild)
        await guild.control("PATCH", f"/members/{fern.id}", {"dms_open": False})
        await here(bot, fern)
        effect = await in_database(a_message_for, int(fern.id))
        assert await attempt(bot, effect) == (EffectState.FAILED, 50007)


async def test_while_discord_does_not_say_whether_they_are_here_it_waits(guild):
    async with running(guild) as bot:
        fern = await person(guild)
        await guild.control("PATCH", f"/members/{fern.id}", {"dms_open": False})
        await here(bot, fern)
        fault = {"kind": "page", "status": 403, "route": "GET /guilds/", "seconds": 60}
        await guild.control("POST", "/faults", fault)
        effect = await in_database(a_message_for, int(fern.id))
        assert await attempt(bot, effect) == (EffectState.READY, None)

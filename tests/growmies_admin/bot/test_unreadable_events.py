"""One event that discord.py can't read is left out; the session, and all others, go on."""

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from growmies_admin.bot.database import in_database
from tests.growmies_admin.bot.living import is_in_guild, person, running, until

pytestmark = pytest.mark.django_db(transaction=True)


def unreadable(event="MESSAGE_CREATE"):
    return REGISTRY.get_sample_value("discord_events_unreadable_total", {"event": event}) or 0


async def test_it_works(guild):
    await guild.control("POST", "/faults", {"kind": "unreadable", "seconds": 60})
    before = unreadable()
    with capture_logs() as logs:
        async with running(guild) as bot:
            fern = await person(guild)

            async def seen():
                return await in_database(is_in_guild, int(fern.id))

            await until(seen)
            assert bot.online and guild.practice.identifies == 1
    assert unreadable() == before + 1
    (said,) = [entry for entry in logs if entry["event"] == "event_unreadable"]
    assert said["name"] == "MESSAGE_CREATE" and {"poll", "content"} <= set(said["keys"])
    assert "When do you water?" not in str(said), "what people write is in no log"


async def test_it_is_one_that_discord_py_itself_ends_over(guild, start_bot):
    """Without our guard: what the guard is for, seen with the locked version."""
    bot = await start_bot()
    assert bot._connection.parsers is bot.ws._discord_parsers
    from growmies_admin.practice.ready import endless_poll

    with pytest.raises(TypeError):
        bot._connection.parsers["MESSAGE_CREATE"](endless_poll(guild.practice))


@pytest.mark.parametrize(
    ("event", "data"),
    [
        ("MESSAGE_CREATE", {}),
        ("GUILD_MEMBER_ADD", {"guild_id": "x"}),
        ("GUILD_MEMBER_UPDATE", None),
        ("PRESENCE_UPDATE", {"guild_id": "1", "user": {}}),
        ("VOICE_STATE_UPDATE", []),
        ("INTERACTION_CREATE", {"id": "1"}),
    ],
)
async def test_whatever_the_event(guild, event, data):
    before = unreadable(event)
    async with running(guild) as bot:
        bot.ws._discord_parsers[event](data)
        assert bot.online
    assert unreadable(event) == before + 1


async def test_every_event_stands_at_zero_from_the_start(guild):
    async with running(guild) as bot:
        for event in bot._connection.parsers:
            labels = {"event": event}
            value = REGISTRY.get_sample_value("discord_events_unreadable_total", labels)
            assert value is not None, event


async def test_a_chunk_that_can_not_be_read_is_asked_for_again(guild):
    async with running(guild) as bot:
        ours = bot.guilds[0]
        bot.roll.begin()
        bot.ws._discord_parsers["GUILD_MEMBERS_CHUNK"]({"guild_id": "x"})
        assert not bot.roll.has_all(ours)
        await bot.roll.ask(ours, with_presences=False)

        async def complete():
            return bot.roll.has_all(ours)

        await until(complete)

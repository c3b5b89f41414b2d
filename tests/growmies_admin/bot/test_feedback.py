"""/feedback in the practice guild: off by default, once a month, thanks without a name."""

import asyncio

import pytest

from compliance.feedback.models import Mark, Total
from growmies_admin.bot.database import in_database
from growmies_admin.bot.models import ActivityDay
from tests.growmies_admin.bot.living import person, running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def poll(settings):
    settings.FEEDBACK_POLL = True


async def give(who, score):
    body = {"name": "feedback", "options": {"score": score}}
    return await who._ask("commands", body)


def scores():
    return {row.score: row.answers for row in Total.objects.all()}


async def test_it_works(guild, poll):
    async with running(guild):
        fern = await person(guild)
        said = await give(fern, 4)
        assert "not kept with your name" in said["content"]
        assert await in_database(scores) == {1: 0, 2: 0, 3: 0, 4: 1, 5: 0}


async def test_twice_in_a_month(guild, poll):
    async with running(guild):
        fern = await person(guild)
        await give(fern, 4)
        assert "answered this month already" in (await give(fern, 1))["content"]
        assert (await in_database(scores))[1] == 0
        rowan = await person(guild, "rowan")
        assert "Thank you" in (await give(rowan, 1))["content"]
        assert await in_database(Mark.objects.count) == 2


async def test_only_the_five_scores_can_be_chosen(guild, poll):
    async with running(guild):
        fern = await person(guild)
        body = {"name": "feedback", "options": {"score": 6}}
        answer = await guild.control("POST", f"/members/{fern.id}/commands", body)
        assert "error" in answer
        assert await in_database(Mark.objects.count) == 0


async def test_it_is_not_there_when_it_is_off(guild):
    async with running(guild) as bot:
        assert bot.tree.get_command("feedback") is None


async def test_what_members_do_is_counted(guild):
    """Over the real gateway: a message, voice, a command."""
    async with running(guild) as bot:
        fern, rowan, moss = [await person(guild, name) for name in ("fern", "rowan", "moss")]
        body = {"channel": "growing-help", "content": "Yellow leaves?"}
        await guild.control("POST", f"/members/{fern.id}/messages", body)
        await guild.control("POST", f"/members/{rowan.id}/voice", {"channel": "Lounge"})
        await moss.types("verify-status")
        wanted = {int(who.id) for who in (fern, rowan, moss)}
        async with asyncio.timeout(15):
            while not wanted <= set().union(*bot.engagement.batch.members.values()):
                await asyncio.sleep(0.02)
        await bot.engagement.stop()
        rows = await in_database(lambda: list(ActivityDay.objects.all()))
        found = {(row.kind, row.channel): row for row in rows}
        assert found["message", "growing-help"].count == 1
        assert found["message", "general"].count == 0
        assert found["voice", "Lounge"].seconds > 0
        assert found["session", ""].count == 3
        assert found["counted", ""].seconds > 0
        assert not bot.engagement._sessions

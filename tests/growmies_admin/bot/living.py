"""Our own bot in the practice guild, and members of it who type and press."""

import asyncio
import contextlib

import discord
import yarl
from django.utils import timezone

from compliance.effects import delivery
from compliance.effects.kinds import message
from compliance.members.models import Member
from compliance.verification.models import VerificationRequest
from growmies_admin.bot.client import Bot
from growmies_admin.bot.database import in_database
from growmies_admin.bot.ratelimits import RateLimits

SECONDS = 15


async def until(what):
    """The first truthy answer of `what`."""
    async with asyncio.timeout(SECONDS):
        while not (found := await what()):
            await asyncio.sleep(0.02)
        return found


@contextlib.asynccontextmanager
async def running(guild):
    """Our own bot, connected to the practice guild, with its commands registered."""
    discord.http.Route.BASE = f"{guild.url}/api/v10"
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(guild.gateway)
    bot = Bot(RateLimits())
    tasks = [
        asyncio.create_task(bot.start(guild.token)),
        asyncio.create_task(bot.verify_message.run()),
        asyncio.create_task(bot.roster_scan.run()),
        asyncio.create_task(bot.commands_sync.run()),
    ]

    async def is_ready():
        return bot.online and bot._synced

    try:
        await until(is_ready)
        yield bot
    finally:
        await bot.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Person:
    """A member of the practice guild."""

    def __init__(self, guild, member_id):
        self.guild, self.id = guild, member_id

    async def types(self, name):
        return await self._ask("commands", {"name": name})

    async def presses(self, custom_id, **more):
        return await self._ask("clicks", {"custom_id": custom_id, **more})

    async def _ask(self, path, body):
        answer = await self.guild.control("POST", f"/members/{self.id}/{path}", body)
        assert "error" not in answer, answer
        (said,) = answer["responses"]
        assert said["ephemeral"] is True, "only this member may see it"
        return said

    async def request(self):
        def newest():
            return VerificationRequest.objects.filter(member_id=self.id).order_by("-pk").first()

        return await in_database(newest)


async def person(guild, name="fern"):
    return Person(guild, await guild.member(name))


def is_in_guild(member_id):
    return Member.objects.filter(pk=member_id, in_guild=True).exists()


def a_message_for(member_id):
    message.want(member_id, "test", "Hello", cause="test:1", not_before=timezone.now())
    return delivery.lease_due()[0]

"""The yardstick of the bot: a discord.py client with the same intents that only counts.

Prints "ready", and at the end of its input how many messages came and the CPU seconds.
"""

import asyncio
import os
import sys

import discord
import yarl
from discord.gateway import DiscordWebSocket


class Empty(discord.Client):
    count = 0

    async def on_ready(self) -> None:
        print("ready", flush=True)

    async def on_message(self, message: discord.Message) -> None:
        self.count += 1


async def main() -> None:
    api = yarl.URL(os.environ["DISCORD_API_URL"])
    discord.http.Route.BASE = str(api)
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL.build(scheme="ws", host=api.host, port=api.port)
    intents = discord.Intents.none()
    intents.guilds = intents.members = intents.guild_messages = intents.message_content = True
    intents.voice_states = intents.presences = True
    client = Empty(intents=intents, max_messages=None)
    task = asyncio.create_task(client.start(os.environ["DISCORD_TOKEN"]))
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(client.count, flush=True)
    await client.close()
    await task


asyncio.run(main())

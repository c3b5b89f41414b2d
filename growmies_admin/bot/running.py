"""Runs the bot until it is told to stop; starts over after everything but a wrong set-up."""

import asyncio
import contextlib
import signal

import aiohttp
import discord
import structlog
from django.conf import settings

from growmies_admin.bot import checks, connection, invalid_requests
from growmies_admin.bot.client import Bot
from growmies_admin.bot.health_server import HealthServer
from growmies_admin.bot.ratelimits import RateLimits
from growmies_admin.bot.session_starts import SessionStarts, TooMany

log = structlog.get_logger(__name__)
LONGEST_PAUSE_SECONDS = 15
SAVE_SECONDS = 2


class WrongSetup(Exception):
    """Trying again would not help: a person must change something. One line says what."""


async def run() -> None:
    """Connect and stay connected until SIGTERM or SIGINT. Raises WrongSetup."""
    connection.point()
    limits = RateLimits()
    await invalid_requests.load(limits)
    limits.export()
    starts = SessionStarts()
    server = HealthServer()
    try:
        await server.start()
    except OSError as error:
        raise WrongSetup(
            f"The bot's health server can't use port {settings.BOT_HEALTH_PORT}: "
            f"{error.strerror}. Set BOT_HEALTH_PORT, or stop what uses it."
        ) from error
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        pause = 1.0
        while not stop.is_set():
            client = Bot(limits, starts)
            server.client = client
            checks.register_bot(client)
            try:
                if await _session(client, stop):
                    pause = 1.0
            except TooMany as many:
                log.error("too_many_sessions", pause_seconds=round(many.pause_seconds))
                await _pause(stop, many.pause_seconds)
                continue
            await _pause(stop, pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
    finally:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(invalid_requests.save(limits), SAVE_SECONDS)
        await server.stop()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait, but not longer than until the bot is told to stop."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def _session(client: Bot, stop: asyncio.Event) -> bool:
    """One client from login to its end. True when it had become ready.

    Raises WrongSetup, and TooMany when the next session has to wait.
    """
    gateway = asyncio.create_task(client.start(settings.DISCORD_TOKEN))
    background = [asyncio.create_task(work) for work in client.background()]
    stopped = asyncio.create_task(stop.wait())
    was_ready = False
    try:
        await asyncio.wait({gateway, stopped}, return_when=asyncio.FIRST_COMPLETED)
        was_ready = client.is_ready()
        if gateway.done():
            _raise_if_wrong(gateway)
    finally:
        stopped.cancel()
        await client.delivery.stop()
        for task in background:
            task.cancel()
        await client.engagement.stop()
        with contextlib.suppress(Exception):
            await asyncio.wait_for(client.close(), 5)
        gateway.cancel()
        await asyncio.gather(gateway, *background, return_exceptions=True)
    return was_ready


def _raise_if_wrong(gateway: "asyncio.Task[None]") -> None:
    error = gateway.exception()
    match error:
        case None:
            return
        case discord.LoginFailure():
            raise WrongSetup("Discord refuses the token. Check DISCORD_TOKEN.") from error
        case discord.PrivilegedIntentsRequired():
            raise WrongSetup(
                "Discord refuses the intents. Switch on Server Members, Message Content and "
                "Presence for the bot at the developer portal (or set DISCORD_PRESENCES=0)."
            ) from error
        case discord.ConnectionClosed(code=4004):
            raise WrongSetup("Discord refuses the token. Check DISCORD_TOKEN.") from error
        case discord.ConnectionClosed(code=4010 | 4011 | 4012 | 4013):
            raise WrongSetup(f"Discord closed the gateway with {error.code}.") from error
        case TooMany():
            raise error
        case aiohttp.ClientError() | OSError() | discord.DiscordException() | TimeoutError():
            log.warning("discord_unreachable", error=type(error).__name__)
        case _:
            log.error("gateway_ended", error=type(error).__name__, exc_info=error)

"""Runs the practice guild until SIGTERM or SIGINT."""

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import AsyncIterator

import structlog
from aiohttp import WSCloseCode, web

from growmies_admin.practice.app import make_app
from growmies_admin.practice.config import Config, ConfigError
from growmies_admin.practice.context import Practice
from growmies_admin.practice.store import StateInUse

log = structlog.get_logger(__name__)

STOP_SECONDS = 1.0


def run() -> int:
    """Read the environment and serve until told to stop. Returns the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        config = Config.from_environment()
        practice = Practice(config)
    except (ConfigError, StateInUse) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        asyncio.run(_serve(practice))
    except OSError as error:
        where = f"{config.host}:{config.port}"
        sys.stderr.write(f"The practice guild can't listen on {where}: {error.strerror}.\n")
        return 1
    finally:
        practice.close()
    return 0


async def _serve(practice: Practice) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with serving(practice):
        log.info("practice_guild_ready", url=f"http://{practice.config.host}:{practice.port}")
        await stop.wait()
    log.info("practice_guild_stopped")


@contextlib.asynccontextmanager
async def serving(practice: Practice) -> AsyncIterator[None]:
    """Serve inside this block; `practice.port` then says where."""
    app = make_app(practice)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_SECONDS)
    await runner.setup()
    try:
        site = web.TCPSite(runner, practice.config.host, practice.config.port)
        await site.start()
        practice.port = runner.addresses[0][1]
        yield
    finally:
        practice.stopping.set()
        closing = [
            socket.close(code=WSCloseCode.GOING_AWAY, message=b"stopping")
            for socket in list(practice.connections)
        ]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*closing, return_exceptions=True), STOP_SECONDS)
        await runner.cleanup()

"""The bot's HTTP server: /live, /health, /ready, /metrics. Up before Discord is."""

import asyncio
from typing import Any

from aiohttp import web
from django.conf import settings

from growmies_admin.bot.client import Bot
from monitoring.health.sampler import Sampler, http_status
from monitoring.metrics import exposition

sampler = Sampler("bot")


class HealthServer:
    """Serves on BOT_HEALTH_HOST:BOT_HEALTH_PORT; `client` may change when we start over."""

    def __init__(self) -> None:
        self.client: Bot | None = None
        app = web.Application(middlewares=[_errors_as_json])
        app.router.add_get("/live", self._live)
        app.router.add_get("/ready", self._ready)
        app.router.add_get("/health", self._health)
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)

    async def start(self) -> None:
        """Raises OSError when the port is taken."""
        sampler.start()
        await self._runner.setup()
        site = web.TCPSite(self._runner, settings.BOT_HEALTH_HOST, settings.BOT_HEALTH_PORT)
        await site.start()

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _live(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _ready(self, _request: web.Request) -> web.Response:
        if self.client is not None and self.client.online:
            return web.json_response({"status": "ready"})
        return web.json_response({"status": "not ready"}, status=503)

    async def _health(self, _request: web.Request) -> web.Response:
        answer = sampler.last()
        return web.json_response(answer, status=http_status(answer))

    async def _metrics(self, _request: web.Request) -> web.Response:
        if self.client is not None:
            self.client.figures.export()
            self.client.limits.export()
        # Two thousand lines take some milliseconds: not on the event loop.
        body = await asyncio.to_thread(exposition.current)
        return web.Response(body=body, headers={"Content-Type": exposition.CONTENT_TYPE})


@web.middleware
async def _errors_as_json(request: web.Request, handler: Any) -> web.StreamResponse:
    try:
        answer: web.StreamResponse = await handler(request)
    except web.HTTPException as error:
        return web.json_response({"error": error.reason}, status=error.status)
    return answer

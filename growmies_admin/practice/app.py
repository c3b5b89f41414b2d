"""The web application: REST, gateway, control surface and page on one port."""

from aiohttp import web
from aiohttp.typedefs import Handler

from growmies_admin.practice import gateway
from growmies_admin.practice.context import PRACTICE, Practice
from growmies_admin.practice.control import acting, guild, living, page, people, provider
from growmies_admin.practice.control.common import control
from growmies_admin.practice.gate import PREFIX, gate
from growmies_admin.practice.rest import (
    bans,
    channels,
    commands,
    guilds,
    interactions,
    members,
    messages,
    roles,
    users,
    webhooks,
)

LARGEST_BODY_BYTES = 32 << 20
_WEBHOOK_URL = web.post(webhooks.EXECUTE, webhooks.execute, name="practice_without_bot_webhook_url")
_REST = (
    users,
    channels,
    messages,
    members,
    roles,
    bans,
    guilds,
    commands,
    interactions,
    webhooks,
)


def make_app(practice: Practice) -> web.Application:
    """The application that serves one practice guild."""
    app = web.Application(client_max_size=LARGEST_BODY_BYTES, middlewares=[_by_path])
    app[PRACTICE] = practice
    app.router.add_get("/", gateway.serve)
    app.router.add_get("/gateway", gateway.serve)
    app.router.add_get("/gateway/", gateway.serve)
    for module in _REST:
        for definition in module.routes:
            _add(app, definition, PREFIX)
    # The address of a webhook that people copy into other programs carries no version.
    _add(app, _WEBHOOK_URL, "/api")
    for room in (guild, people, acting, living, page, provider):
        app.router.add_routes(room.routes)
    return app


def _add(app: web.Application, definition: web.AbstractRouteDef, prefix: str) -> None:
    if not isinstance(definition, web.RouteDef):
        raise TypeError(f"not a route: {definition}")
    app.router.add_route(
        definition.method, prefix + definition.path, definition.handler, **definition.kwargs
    )


@web.middleware
async def _by_path(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.path.startswith("/api/"):
        return await gate(request, handler)
    if request.path.startswith("/practice"):
        return await control(request, handler)
    return await handler(request)

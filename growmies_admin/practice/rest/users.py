"""The bot's own account, other users, direct channels, the application, the gateway's address."""

from aiohttp import web

from growmies_admin.practice import forms, shapes
from growmies_admin.practice.acts import channels
from growmies_admin.practice.context import practice_of
from growmies_admin.practice.errors import ApiError
from growmies_admin.practice.rest.common import answer

routes = web.RouteTableDef()


@routes.get("/gateway", name="practice_without_bot_gateway")
async def gateway(request: web.Request) -> web.Response:
    """Where the gateway is."""
    return answer({"url": practice_of(request).gateway_url})


@routes.get("/gateway/bot")
async def gateway_bot(request: web.Request) -> web.Response:
    """Where the gateway is, how many shards, how many starts are left."""
    practice = practice_of(request)
    limit = {
        "total": practice.starts_total(),
        "remaining": practice.starts_left(),
        "reset_after": 86_400_000,
        "max_concurrency": 1,
    }
    return answer({"url": practice.gateway_url, "shards": 1, "session_start_limit": limit})


@routes.get("/users/@me")
async def me(request: web.Request) -> web.Response:
    """The bot's user."""
    return answer(shapes.own_user(practice_of(request).world))


@routes.patch("/users/@me")
async def change_me(request: web.Request) -> web.Response:
    """Rename the bot."""
    world = practice_of(request).world
    name = forms.text(await forms.read_object(request), "username", 2, 32)
    if name is not None:
        world.users[world.bot_id]["username"] = name
        world.save("users", world.bot_id, world.users[world.bot_id])
        practice_of(request).hub.dispatch("USER_UPDATE", shapes.own_user(world), to_all=True)
    return answer(shapes.own_user(world))


@routes.get("/users/@me/guilds")
async def my_guilds(request: web.Request) -> web.Response:
    """The one guild, partially."""
    world = practice_of(request).world
    guild = {
        "id": world.guild_id,
        "name": world.meta["name"],
        "icon": None,
        "banner": None,
        "owner": False,
        "permissions": str(world.permissions(world.bot_id)),
        "features": [],
    }
    if request.query.get("with_counts", "").lower() in ("true", "1"):
        guild["approximate_member_count"] = len(world.members)
        guild["approximate_presence_count"] = len(world.table("presences"))
    after = forms.query_snowflake(request, "after")
    return answer([] if after and int(after) >= int(world.guild_id) else [guild])


@routes.get("/users/@me/channels")
async def my_channels(request: web.Request) -> web.Response:
    """Bots get an empty list."""
    return answer([])


@routes.post("/users/@me/channels")
async def open_dm(request: web.Request) -> web.Response:
    """Open the direct channel with a user; closed DMs show only when sending."""
    practice = practice_of(request)
    user_id = forms.snowflake(await forms.read_object(request), "recipient_id", required=True)
    world = practice.world
    if user_id is None or user_id not in world.users or user_id == world.bot_id:
        raise ApiError(400, 50033)
    return answer(shapes.channel(world, channels.open_dm(practice, user_id)))


@routes.get("/users/{user_id}")
async def user(request: web.Request) -> web.Response:
    """Any user."""
    world = practice_of(request).world
    user_id = forms.path_id(request, "user_id")
    world.user(user_id)
    return answer(shapes.user(world, user_id))


@routes.get("/oauth2/applications/@me")
@routes.get("/applications/@me")
async def application(request: web.Request) -> web.Response:
    """The bot's application."""
    return answer(shapes.application(practice_of(request).world))


@routes.patch("/applications/@me")
async def change_application(request: web.Request) -> web.Response:
    """Accepted; nothing of it matters here."""
    await forms.read_object(request)
    return answer(shapes.application(practice_of(request).world))


@routes.get("/voice/regions")
async def voice_regions(request: web.Request) -> web.Response:
    """One region."""
    region = {"id": "newark", "name": "Newark", "optimal": True}
    return answer([region | {"deprecated": False, "custom": False}])

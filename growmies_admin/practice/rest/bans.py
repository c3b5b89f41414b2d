"""Bans."""

from aiohttp import web

from growmies_admin.practice import forms, shapes
from growmies_admin.practice.acts import members, messages
from growmies_admin.practice.context import Practice
from growmies_admin.practice.errors import ApiError, Json, not_found
from growmies_admin.practice.rest.common import (
    answer,
    in_guild,
    nothing,
    require,
    require_above,
)
from growmies_admin.practice.snowflakes import created_at
from growmies_admin.practice.state import now

routes = web.RouteTableDef()

LONGEST_DELETE_SECONDS = 7 * 24 * 3600


def _shape(practice: Practice, user_id: str) -> Json:
    ban = practice.world.table("bans")[user_id]
    return {"reason": ban["reason"], "user": shapes.user(practice.world, user_id)}


@routes.get("/guilds/{guild_id}/bans")
async def list_bans(request: web.Request) -> web.Response:
    """Bans by rising user id."""
    practice = in_guild(request)
    require(practice, "BAN_MEMBERS")
    limit = forms.query_integer(request, "limit", 1_000, 1, 1_000)
    after = int(forms.query_snowflake(request, "after") or 0)
    before = int(forms.query_snowflake(request, "before") or 2**64)
    banned = sorted((u for u in practice.world.table("bans") if after < int(u) < before), key=int)
    return answer([_shape(practice, user_id) for user_id in banned[:limit]])


@routes.get("/guilds/{guild_id}/bans/{user_id}")
async def show(request: web.Request) -> web.Response:
    """One ban."""
    practice = in_guild(request)
    require(practice, "BAN_MEMBERS")
    user_id = forms.path_id(request, "user_id")
    if user_id not in practice.world.table("bans"):
        raise not_found(10026)
    return answer(_shape(practice, user_id))


@routes.put("/guilds/{guild_id}/bans/{user_id}")
async def ban(request: web.Request) -> web.Response:
    """Ban a user, in the guild or not."""
    practice = in_guild(request)
    require(practice, "BAN_MEMBERS")
    user_id = forms.path_id(request, "user_id")
    body = await forms.read_object(request)
    practice.world.user(user_id)
    seconds = _delete_seconds(request, body)
    require_above(practice, user_id)
    reason = forms.reason_of(request) or forms.text(body, "reason", 0, 512)
    _ban(practice, user_id, seconds, reason)
    return nothing()


@routes.delete("/guilds/{guild_id}/bans/{user_id}")
async def unban(request: web.Request) -> web.Response:
    """Lift a ban."""
    practice = in_guild(request)
    require(practice, "BAN_MEMBERS")
    user_id = forms.path_id(request, "user_id")
    if user_id not in practice.world.table("bans"):
        raise not_found(10026)
    reason = forms.reason_of(request)
    members.unban(practice, user_id, actor_id=practice.world.bot_id, reason=reason)
    return nothing()


@routes.post("/guilds/{guild_id}/bulk-ban")
async def bulk_ban(request: web.Request) -> web.Response:
    """Ban up to 200 users; those that can't be banned are listed."""
    practice = in_guild(request)
    require(practice, "BAN_MEMBERS", "MANAGE_GUILD")
    body = await forms.read_object(request)
    seconds = _delete_seconds(request, body)
    reason = forms.reason_of(request)
    banned: list[str] = []
    failed: list[str] = []
    for user_id in dict.fromkeys(forms.snowflakes(body, "user_ids", 200)):
        try:
            practice.world.user(user_id)
            require_above(practice, user_id)
        except ApiError:
            failed.append(user_id)
            continue
        if user_id in practice.world.table("bans"):
            failed.append(user_id)
            continue
        _ban(practice, user_id, seconds, reason)
        banned.append(user_id)
    if not banned:
        raise ApiError(500, 500000, "Failed to ban users")
    return answer({"banned_users": banned, "failed_users": failed})


def _delete_seconds(request: web.Request, body: Json) -> int:
    fields = {**body, **request.query}
    days = forms.integer(fields, "delete_message_days", 0, 7)
    seconds = forms.integer(fields, "delete_message_seconds", 0, LONGEST_DELETE_SECONDS)
    return seconds or (days or 0) * 86_400


def _ban(practice: Practice, user_id: str, delete_seconds: int, reason: str | None) -> None:
    world = practice.world
    members.ban(practice, user_id, actor_id=world.bot_id, reason=reason)
    if delete_seconds == 0:
        return
    for channel in list(world.channels.values()):
        for message in list(world.messages(channel["id"]).values()):
            age = (now() - created_at(message["id"])).total_seconds()
            if channel["type"] != 1 and message["_author_id"] == user_id and age < delete_seconds:
                messages.delete(practice, message, actor_id=None)

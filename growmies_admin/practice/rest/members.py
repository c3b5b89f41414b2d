"""Members of the guild and their roles."""

from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from growmies_admin.practice import forms, shapes
from growmies_admin.practice.acts import members, presence
from growmies_admin.practice.context import Practice
from growmies_admin.practice.errors import (
    ApiError,
    Json,
    invalid_form,
    missing_permissions,
)
from growmies_admin.practice.rest.common import (
    answer,
    in_guild,
    nothing,
    require,
    require_above,
    require_role_below,
)
from growmies_admin.practice.state import iso, now

routes = web.RouteTableDef()

LONGEST_TIMEOUT = timedelta(days=28)


@routes.get("/guilds/{guild_id}/members")
async def list_members(request: web.Request) -> web.Response:
    """Members by rising id, `limit` (1 by default) after `after`."""
    world = in_guild(request).world
    limit = forms.query_integer(request, "limit", 1, 1, 1_000)
    after = int(forms.query_snowflake(request, "after") or 0)
    found = sorted((u for u in world.members if int(u) > after), key=int)[:limit]
    return answer([shapes.member(world, user_id) for user_id in found])


@routes.get("/guilds/{guild_id}/members/search")
async def search(request: web.Request) -> web.Response:
    """Members whose name or nick begins with the query."""
    world = in_guild(request).world
    limit = forms.query_integer(request, "limit", 1, 1, 1_000)
    query = request.query.get("query", "").lower()
    if not query:
        raise forms.required_field("query")

    def names(user_id: str) -> list[str]:
        user = world.users[user_id]
        return [user["username"], user["global_name"] or "", world.members[user_id]["nick"] or ""]

    found = [u for u in world.members if any(n.lower().startswith(query) for n in names(u))]
    return answer([shapes.member(world, user_id) for user_id in found[:limit]])


@routes.get("/guilds/{guild_id}/members/{user_id}")
async def show(request: web.Request) -> web.Response:
    """One member; 10007 when they are not in the guild."""
    practice = in_guild(request)
    user_id = forms.path_id(request, "user_id")
    practice.world.member(user_id)
    return answer(shapes.member(practice.world, user_id))


@routes.patch("/guilds/{guild_id}/members/@me")
async def change_me(request: web.Request) -> web.Response:
    """The bot's own nick."""
    practice = in_guild(request)
    body = await forms.read_object(request)
    bot = practice.world.bot_id
    if "nick" in body:
        require(practice, "CHANGE_NICKNAME")
        fields = {"nick": forms.text(body, "nick", 0, 32) or None}
        reason = forms.reason_of(request)
        members.update(practice, bot, fields, actor_id=bot, reason=reason)
    return answer(shapes.member(practice.world, bot))


@routes.patch("/guilds/{guild_id}/members/{user_id}")
async def change(request: web.Request) -> web.Response:
    """Nick, roles, time-out, voice of a member, each with its own permission."""
    practice = in_guild(request)
    world = practice.world
    user_id = forms.path_id(request, "user_id")
    world.member(user_id)
    body = await forms.read_object(request)
    reason = forms.reason_of(request)
    fields = _fields(practice, user_id, body)
    roles = _roles(practice, user_id, body)
    if "channel_id" in body:
        require(practice, "MOVE_MEMBERS")
        channel_id = forms.snowflake(body, "channel_id")
        if user_id not in world.table("voice"):
            raise ApiError(400, 40032, "Target user is not connected to voice.")
        presence.set_voice(practice, user_id, channel_id)
    if fields:
        members.update(practice, user_id, fields, actor_id=world.bot_id, reason=reason)
    if roles is not None:
        members.set_roles(practice, user_id, roles, actor_id=world.bot_id, reason=reason)
    return answer(shapes.member(world, user_id))


def _fields(practice: Practice, user_id: str, body: Json) -> Json:
    fields: Json = {}
    if "nick" in body:
        require(practice, "MANAGE_NICKNAMES")
        require_above(practice, user_id)
        fields["nick"] = forms.text(body, "nick", 0, 32) or None
    for name, permission in (("mute", "MUTE_MEMBERS"), ("deaf", "DEAFEN_MEMBERS")):
        if body.get(name) is not None:
            require(practice, permission)
            fields[name] = forms.flag(body, name)
    if "communication_disabled_until" in body:
        fields["communication_disabled_until"] = _timeout(
            practice, user_id, body["communication_disabled_until"]
        )
    if (flags := forms.integer(body, "flags", 0, 2**31)) is not None:
        require(practice, "MANAGE_GUILD")
        fields["flags"] = flags
    return fields


def _timeout(practice: Practice, user_id: str, value: Any) -> str | None:
    require(practice, "MODERATE_MEMBERS")
    require_above(practice, user_id)
    if practice.world.may(user_id, "ADMINISTRATOR"):
        raise missing_permissions()
    if value is None:
        return None
    name = "communication_disabled_until"
    try:
        until = datetime.fromisoformat(str(value))
    except ValueError:
        message = "Could not parse value. Should be ISO8601."
        raise invalid_form({name: ("DATE_TIME_TYPE_PARSE", message)}) from None
    until = until if until.tzinfo else until.replace(tzinfo=now().tzinfo)
    if until - now() > LONGEST_TIMEOUT:
        message = "Timeout cannot be longer than 28 days."
        raise invalid_form({name: ("GUILD_COMMUNICATION_DISABLED_UNTIL_TOO_LONG", message)})
    return iso(until) if until > now() else None


def _roles(practice: Practice, user_id: str, body: Json) -> list[str] | None:
    if body.get("roles") is None:
        return None
    require(practice, "MANAGE_ROLES")
    world = practice.world
    wanted = [r for r in forms.snowflakes(body, "roles", 250) if r != world.guild_id]
    for role_id in set(wanted) ^ set(world.members[user_id]["roles"]):
        if role_id not in world.roles:
            raise ApiError(400, 50028)
        require_role_below(practice, world.roles[role_id])
    return wanted


@routes.delete("/guilds/{guild_id}/members/{user_id}")
async def kick(request: web.Request) -> web.Response:
    """Remove a member."""
    practice = in_guild(request)
    user_id = forms.path_id(request, "user_id")
    practice.world.member(user_id)
    require(practice, "KICK_MEMBERS")
    require_above(practice, user_id)
    reason = forms.reason_of(request)
    members.kick(practice, user_id, actor_id=practice.world.bot_id, reason=reason)
    return nothing()


@routes.put("/guilds/{guild_id}/members/{user_id}/roles/{role_id}")
async def add_role(request: web.Request) -> web.Response:
    """Give a role; giving it twice is no error."""
    practice, user_id, role_id = _member_and_role(request)
    practice.world.count(f"role_grant_calls/{user_id}/{role_id}")
    roles = practice.world.members[user_id]["roles"]
    _set(request, practice, user_id, [*roles, role_id])
    return nothing()


@routes.delete("/guilds/{guild_id}/members/{user_id}/roles/{role_id}")
async def remove_role(request: web.Request) -> web.Response:
    """Take a role; taking it twice is no error."""
    practice, user_id, role_id = _member_and_role(request)
    roles = practice.world.members[user_id]["roles"]
    _set(request, practice, user_id, [role for role in roles if role != role_id])
    return nothing()


def _member_and_role(request: web.Request) -> tuple[Practice, str, str]:
    practice = in_guild(request)
    user_id = forms.path_id(request, "user_id")
    role_id = forms.path_id(request, "role_id")
    practice.world.member(user_id)
    role = practice.world.role(role_id)
    require(practice, "MANAGE_ROLES")
    require_role_below(practice, role)
    return practice, user_id, role_id


def _set(request: web.Request, practice: Practice, user_id: str, roles: list[str]) -> None:
    reason = forms.reason_of(request)
    members.set_roles(practice, user_id, roles, actor_id=practice.world.bot_id, reason=reason)


@routes.get("/guilds/{guild_id}/voice-states/{user_id}")
async def voice_state(request: web.Request) -> web.Response:
    """A member's voice state. `@me` is the bot."""
    practice = in_guild(request)
    world = practice.world
    is_me = request.match_info["user_id"] == "@me"
    user_id = world.bot_id if is_me else forms.path_id(request, "user_id")
    if user_id not in world.table("voice"):
        raise ApiError(404, 10065, "Unknown Voice State")
    return answer(shapes.voice_state(world, user_id))

"""Roles of the guild."""

from aiohttp import web

from growmies_admin.practice import forms, permissions
from growmies_admin.practice.acts import roles
from growmies_admin.practice.context import Practice
from growmies_admin.practice.errors import ApiError, Json, missing_permissions
from growmies_admin.practice.rest.common import (
    answer,
    in_guild,
    nothing,
    require,
    require_role_below,
)

routes = web.RouteTableDef()


def _sorted(practice: Practice) -> list[Json]:
    return practice.world.sorted_roles(list(practice.world.roles))


@routes.get("/guilds/{guild_id}/roles")
async def list_roles(request: web.Request) -> web.Response:
    """All roles, lowest first."""
    return answer(_sorted(in_guild(request)))


@routes.get("/guilds/{guild_id}/roles/member-counts")
async def member_counts(request: web.Request) -> web.Response:
    """How many members have each role."""
    world = in_guild(request).world
    counts = {
        role_id: sum(role_id in member["roles"] for member in world.members.values())
        for role_id in world.roles
        if role_id != world.guild_id
    }
    return answer(counts)


@routes.get("/guilds/{guild_id}/roles/{role_id}")
async def show(request: web.Request) -> web.Response:
    """One role."""
    return answer(in_guild(request).world.role(forms.path_id(request, "role_id")))


@routes.post("/guilds/{guild_id}/roles")
async def create(request: web.Request) -> web.Response:
    """A new role, without permissions that the bot lacks."""
    practice = in_guild(request)
    require(practice, "MANAGE_ROLES")
    fields = _fields(practice, await forms.read_object(request))
    bot = practice.world.bot_id
    reason = forms.reason_of(request)
    return answer(roles.create(practice, fields, actor_id=bot, reason=reason))


@routes.patch("/guilds/{guild_id}/roles")
async def move(request: web.Request) -> web.Response:
    """Move roles that stand below the bot."""
    practice = in_guild(request)
    require(practice, "MANAGE_ROLES")
    body = await forms.read_json(request)
    if not isinstance(body, list):
        raise ApiError(400, 50035)
    for entry in body:
        fields = forms.as_object(entry)
        role_id = forms.snowflake(fields, "id", required=True) or ""
        position = forms.integer(fields, "position", 0, 250)
        role = practice.world.role(role_id)
        if position is None or position == role["position"]:
            continue
        require_role_below(practice, role)
        if position >= practice.world.top_position(practice.world.bot_id):
            raise missing_permissions()
        roles.move(practice, role_id, position)
    return answer(_sorted(practice))


@routes.patch("/guilds/{guild_id}/roles/{role_id}")
async def change(request: web.Request) -> web.Response:
    """Change a role that stands below the bot."""
    practice = in_guild(request)
    require(practice, "MANAGE_ROLES")
    role = practice.world.role(forms.path_id(request, "role_id"))
    if role["id"] != practice.world.guild_id:
        require_role_below(practice, role)
    fields = _fields(practice, await forms.read_object(request))
    bot = practice.world.bot_id
    reason = forms.reason_of(request)
    return answer(roles.update(practice, role, fields, actor_id=bot, reason=reason))


@routes.delete("/guilds/{guild_id}/roles/{role_id}")
async def delete(request: web.Request) -> web.Response:
    """Delete a role that stands below the bot."""
    practice = in_guild(request)
    require(practice, "MANAGE_ROLES")
    role = practice.world.role(forms.path_id(request, "role_id"))
    require_role_below(practice, role)
    if role["managed"]:
        raise ApiError(400, 50028)
    bot = practice.world.bot_id
    roles.delete(practice, role, actor_id=bot, reason=forms.reason_of(request))
    return nothing()


def _fields(practice: Practice, body: Json) -> Json:
    fields: Json = {}
    if body.get("name") is not None:
        fields["name"] = forms.text(body, "name", 1, 100)
    if body.get("permissions") is not None:
        bits = forms.integer(body, "permissions", 0, 2**63) or 0
        own = practice.world.permissions(practice.world.bot_id)
        if bits & permissions.ALL & ~own:
            raise missing_permissions()
        fields["permissions"] = str(bits)
    color = forms.integer(body, "color", 0, 0xFFFFFF)
    if isinstance(body.get("colors"), dict) and color is None:
        color = forms.integer(body["colors"], "primary_color", 0, 0xFFFFFF)
    if color is not None:
        fields["color"] = color
        fields["colors"] = {
            "primary_color": color,
            "secondary_color": None,
            "tertiary_color": None,
        }
    for name in ("hoist", "mentionable"):
        if body.get(name) is not None:
            fields[name] = forms.flag(body, name)
    return fields

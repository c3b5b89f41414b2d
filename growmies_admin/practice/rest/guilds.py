"""The guild itself, its audit log, and its lists that are empty here."""

from aiohttp import web

from growmies_admin.practice import forms, shapes
from growmies_admin.practice.errors import Json
from growmies_admin.practice.rest.common import answer, in_guild, require

routes = web.RouteTableDef()


@routes.get("/guilds/{guild_id}")
async def show(request: web.Request) -> web.Response:
    """The guild; with `with_counts` also how many are there and online."""
    practice = in_guild(request)
    shape = shapes.guild(practice.world)
    if request.query.get("with_counts", "").lower() in ("true", "1"):
        shape["approximate_member_count"] = len(practice.world.members)
        shape["approximate_presence_count"] = len(practice.world.table("presences"))
    return answer(shape)


@routes.get("/guilds/{guild_id}/audit-logs")
async def audit_logs(request: web.Request) -> web.Response:
    """Audit entries, newest first, or oldest first after `after`."""
    practice = in_guild(request)
    require(practice, "VIEW_AUDIT_LOG")
    world = practice.world
    limit = forms.query_integer(request, "limit", 50, 1, 100)
    before = forms.query_snowflake(request, "before")
    after = forms.query_snowflake(request, "after")
    user_id = forms.query_snowflake(request, "user_id")
    action = forms.query_integer(request, "action_type", 0, 0, 1_000)
    found = [
        entry
        for entry in world.table("audit").values()
        if (before is None or int(entry["id"]) < int(before))
        and (after is None or int(entry["id"]) > int(after))
        and (user_id is None or entry["user_id"] == user_id)
        and (action == 0 or entry["action_type"] == action)
    ]
    found = found[:limit] if after is not None else found[::-1][:limit]
    named = {entry[key] for entry in found for key in ("user_id", "target_id")}
    return answer(
        {
            "audit_log_entries": found,
            "users": [shapes.user(world, u) for u in named if u in world.users],
            "application_commands": [],
            "auto_moderation_rules": [],
            "guild_scheduled_events": [],
            "integrations": [],
            "threads": [],
            "webhooks": [],
        }
    )


@routes.get("/guilds/{guild_id}/emojis")
@routes.get("/guilds/{guild_id}/stickers")
@routes.get("/guilds/{guild_id}/invites")
@routes.get("/guilds/{guild_id}/integrations")
@routes.get("/guilds/{guild_id}/auto-moderation/rules")
@routes.get("/guilds/{guild_id}/scheduled-events")
async def nothing_here(request: web.Request) -> web.Response:
    """The practice guild has none of these."""
    in_guild(request)
    nothing: list[Json] = []
    return answer(nothing)

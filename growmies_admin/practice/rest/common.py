"""What every REST handler needs: answers in Discord's form and permission checks."""

import json
from typing import Any

from aiohttp import web

from growmies_admin.practice.context import Practice, practice_of
from growmies_admin.practice.errors import (
    ApiError,
    Json,
    missing_access,
    missing_permissions,
    not_found,
)
from growmies_admin.practice.forms import path_id

WITHOUT_BOT = "practice_without_bot"


def answer(data: Any, status: int = 200) -> web.Response:
    """A JSON answer whose Content-Type is exactly application/json."""
    body = json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()
    return web.Response(body=body, status=status, content_type="application/json")


def nothing() -> web.Response:
    """204 without a body."""
    return web.Response(status=204)


def refusal(error: ApiError) -> web.Response:
    """An error answer."""
    return answer(error.body, error.status)


def in_guild(request: web.Request) -> Practice:
    """The practice guild, when the path names it. Raises 404/10004."""
    practice = practice_of(request)
    if path_id(request, "guild_id") != practice.world.guild_id:
        raise not_found(10004)
    return practice


def require(practice: Practice, *names: str, channel: Json | None = None) -> None:
    """The bot must have these permissions. Raises 403/50013, or 50001 for a hidden channel."""
    world = practice.world
    if channel is not None and channel["type"] == 1:
        return
    if channel is not None and not world.may(world.bot_id, "VIEW_CHANNEL", channel=channel):
        raise missing_access()
    if not world.may(world.bot_id, *names, channel=channel):
        raise missing_permissions()


def require_above(practice: Practice, user_id: str) -> None:
    """The bot must stand above this member in the role hierarchy. Raises 403/50013."""
    world = practice.world
    if user_id == world.meta["owner_id"]:
        raise missing_permissions()
    if world.top_position(world.bot_id) <= world.top_position(user_id):
        raise missing_permissions()


def require_role_below(practice: Practice, role: Json) -> None:
    """The bot must stand above this role, which must not be @everyone. Raises 403/50013."""
    world = practice.world
    if role["id"] == world.guild_id or role["position"] >= world.top_position(world.bot_id):
        raise missing_permissions()


def visible_channel(request: web.Request) -> tuple[Practice, Json]:
    """The path's channel, when the bot may see it. Raises 404/10003 or 403/50001."""
    practice = practice_of(request)
    channel = practice.world.channel(path_id(request, "channel_id"))
    require(practice, "VIEW_CHANNEL", channel=channel)
    return practice, channel

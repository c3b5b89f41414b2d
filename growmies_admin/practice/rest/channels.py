"""Channels, their overwrites, threads and webhooks' list."""

from aiohttp import web

from growmies_admin.practice import forms, shapes
from growmies_admin.practice.acts import channels
from growmies_admin.practice.context import practice_of
from growmies_admin.practice.errors import ApiError, Json, invalid_form, not_found
from growmies_admin.practice.rest.common import (
    answer,
    in_guild,
    nothing,
    require,
    visible_channel,
)

routes = web.RouteTableDef()

KINDS = (0, 2, 4, 5, 13, 15)


@routes.get("/channels/{channel_id}")
async def show(request: web.Request) -> web.Response:
    """One channel."""
    practice, channel = visible_channel(request)
    return answer(shapes.channel(practice.world, channel))


@routes.patch("/channels/{channel_id}")
async def change(request: web.Request) -> web.Response:
    """Change a guild channel or a thread."""
    practice, channel = visible_channel(request)
    if channel["type"] == 1:
        raise ApiError(403, 50003)
    is_thread = channel["type"] in (10, 11, 12)
    name = "MANAGE_THREADS" if is_thread else "MANAGE_CHANNELS"
    require(practice, name, channel=channel)
    body = await forms.read_object(request)
    fields = _thread_fields(channel, body) if is_thread else _fields(body)
    reason = forms.reason_of(request)
    bot = practice.world.bot_id
    channels.update(practice, channel, fields, actor_id=bot, reason=reason)
    return answer(shapes.channel(practice.world, channel))


@routes.delete("/channels/{channel_id}")
async def delete(request: web.Request) -> web.Response:
    """Delete a channel; a direct channel is only closed."""
    practice, channel = visible_channel(request)
    shape = shapes.channel(practice.world, channel)
    if channel["type"] != 1:
        name = "MANAGE_THREADS" if channel["type"] in (10, 11, 12) else "MANAGE_CHANNELS"
        require(practice, name, channel=channel)
        bot = practice.world.bot_id
        channels.delete(practice, channel, actor_id=bot, reason=forms.reason_of(request))
    return answer(shape)


@routes.get("/guilds/{guild_id}/channels")
async def list_all(request: web.Request) -> web.Response:
    """All channels of the guild, threads not among them."""
    world = in_guild(request).world
    return answer([shapes.channel(world, channel) for channel in world.guild_channels()])


@routes.post("/guilds/{guild_id}/channels")
async def create(request: web.Request) -> web.Response:
    """A new channel."""
    practice = in_guild(request)
    require(practice, "MANAGE_CHANNELS")
    body = await forms.read_object(request)
    forms.text(body, "name", 1, 100, required=True)
    kind = forms.integer(body, "type", 0, 16) or 0
    if kind not in KINDS:
        raise invalid_form({"type": ("BASE_TYPE_CHOICES", f"Value must be one of {set(KINDS)}.")})
    fields = _fields(body) | {"type": kind}
    bot = practice.world.bot_id
    record = channels.create(practice, fields, actor_id=bot, reason=forms.reason_of(request))
    return answer(shapes.channel(practice.world, record), 201)


@routes.put("/channels/{channel_id}/permissions/{overwrite_id}")
async def set_overwrite(request: web.Request) -> web.Response:
    """Set the overwrite of a role or a member."""
    practice, channel = visible_channel(request)
    require(practice, "MANAGE_ROLES", channel=channel)
    overwrite_id = forms.path_id(request, "overwrite_id")
    body = await forms.read_object(request)
    kind = forms.integer(body, "type", 0, 1)
    if kind is None:
        raise forms.required_field("type")
    entry = {
        "id": overwrite_id,
        "type": kind,
        "allow": str(forms.integer(body, "allow", 0, 2**63) or 0),
        "deny": str(forms.integer(body, "deny", 0, 2**63) or 0),
    }
    others = [e for e in channel["permission_overwrites"] if e["id"] != overwrite_id]
    _save_overwrites(request, channel, [*others, entry])
    return nothing()


@routes.delete("/channels/{channel_id}/permissions/{overwrite_id}")
async def delete_overwrite(request: web.Request) -> web.Response:
    """Remove an overwrite."""
    practice, channel = visible_channel(request)
    require(practice, "MANAGE_ROLES", channel=channel)
    overwrite_id = forms.path_id(request, "overwrite_id")
    others = [e for e in channel["permission_overwrites"] if e["id"] != overwrite_id]
    if len(others) == len(channel["permission_overwrites"]):
        raise not_found(10009)
    _save_overwrites(request, channel, others)
    return nothing()


@routes.post("/channels/{channel_id}/typing")
async def typing(request: web.Request) -> web.Response:
    """The bot seems to type."""
    practice, channel = visible_channel(request)
    require(practice, "SEND_MESSAGES", channel=channel)
    return nothing()


@routes.post("/channels/{channel_id}/threads")
async def start_thread(request: web.Request) -> web.Response:
    """A thread on no message."""
    practice, channel = visible_channel(request)
    require(practice, "CREATE_PUBLIC_THREADS", channel=channel)
    name = forms.text(await forms.read_object(request), "name", 1, 100, required=True) or ""
    bot = practice.world.bot_id
    thread = channels.create_thread(practice, channel, name, thread_id=None, owner_id=bot)
    return answer(shapes.channel(practice.world, thread), 201)


@routes.post("/channels/{channel_id}/messages/{message_id}/threads")
async def start_thread_on(request: web.Request) -> web.Response:
    """A thread on a message; it has the message's id."""
    practice, channel = visible_channel(request)
    require(practice, "CREATE_PUBLIC_THREADS", channel=channel)
    message = practice.world.message(channel["id"], forms.path_id(request, "message_id"))
    if message["id"] in practice.world.channels:
        raise ApiError(400, 160004, "A thread has already been created for this message")
    name = forms.text(await forms.read_object(request), "name", 1, 100, required=True) or ""
    bot = practice.world.bot_id
    thread = channels.create_thread(practice, channel, name, thread_id=message["id"], owner_id=bot)
    return answer(shapes.channel(practice.world, thread), 201)


@routes.put("/channels/{channel_id}/thread-members/@me")
@routes.delete("/channels/{channel_id}/thread-members/@me")
async def join_thread(request: web.Request) -> web.Response:
    """The bot enters or leaves a thread."""
    visible_channel(request)
    return nothing()


@routes.get("/guilds/{guild_id}/threads/active")
async def active_threads(request: web.Request) -> web.Response:
    """Threads that are not archived."""
    world = in_guild(request).world
    found = [
        shapes.channel(world, channel)
        for channel in world.channels.values()
        if channel["type"] in (10, 11, 12) and not channel["thread_metadata"]["archived"]
    ]
    return answer({"threads": found, "members": []})


def _save_overwrites(request: web.Request, channel: Json, entries: list[Json]) -> None:
    practice = practice_of(request)
    channels.update(
        practice,
        channel,
        {"permission_overwrites": entries},
        actor_id=practice.world.bot_id,
        reason=forms.reason_of(request),
    )


def _fields(body: Json) -> Json:
    fields: Json = {}
    for name, low, high in (("name", 1, 100), ("topic", 0, 1024)):
        if name in body:
            fields[name] = forms.text(body, name, low, high)
    for name, high in (
        ("position", 500),
        ("rate_limit_per_user", 21_600),
        ("bitrate", 384_000),
        ("user_limit", 99),
    ):
        if body.get(name) is not None:
            fields[name] = forms.integer(body, name, 0, high)
    if "parent_id" in body:
        fields["parent_id"] = forms.snowflake(body, "parent_id")
    if body.get("nsfw") is not None:
        fields["nsfw"] = forms.flag(body, "nsfw")
    if isinstance(body.get("permission_overwrites"), list):
        fields["permission_overwrites"] = [
            {
                "id": str(entry["id"]),
                "type": int(entry.get("type", 0)),
                "allow": str(entry.get("allow", 0)),
                "deny": str(entry.get("deny", 0)),
            }
            for entry in body["permission_overwrites"]
            if isinstance(entry, dict) and "id" in entry
        ]
    return fields


def _thread_fields(thread: Json, body: Json) -> Json:
    fields: Json = {}
    if body.get("name") is not None:
        fields["name"] = forms.text(body, "name", 1, 100)
    metadata = dict(thread["thread_metadata"])
    for name in ("archived", "locked"):
        if body.get(name) is not None:
            metadata[name] = forms.flag(body, name)
    return fields | {"thread_metadata": metadata}

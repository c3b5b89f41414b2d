"""Messages, pins and reactions."""

from aiohttp import web

from growmies_admin.practice import drafts, forms, shapes
from growmies_admin.practice.acts import messages, reactions
from growmies_admin.practice.context import Practice
from growmies_admin.practice.errors import ApiError, Json, invalid_form, not_found
from growmies_admin.practice.rest.common import answer, nothing, require, visible_channel
from growmies_admin.practice.snowflakes import created_at
from growmies_admin.practice.state import now

routes = web.RouteTableDef()

WITH_TEXT = (0, 1, 2, 5, 10, 11, 12, 13)
BULK_DELETE_DAYS = 14


def _readable(request: web.Request) -> tuple[Practice, Json]:
    practice, channel = visible_channel(request)
    require(practice, "READ_MESSAGE_HISTORY", channel=channel)
    return practice, channel


def _message(request: web.Request) -> tuple[Practice, Json, Json]:
    practice, channel = visible_channel(request)
    return (
        practice,
        channel,
        practice.world.message(channel["id"], forms.path_id(request, "message_id")),
    )


def check_may_write(practice: Practice, channel: Json) -> None:
    """The bot may write here, and a direct channel's other side takes messages (else 50007)."""
    world = practice.world
    if channel["type"] not in WITH_TEXT:
        raise ApiError(400, 50008)
    if channel["type"] == 1:
        user = world.users[channel["recipient_id"]]
        if user["bot"] or user["id"] not in world.members or not user["_dms_open"]:
            raise ApiError(403, 50007)
        return
    in_thread = channel["type"] in (10, 11, 12)
    name = "SEND_MESSAGES_IN_THREADS" if in_thread else "SEND_MESSAGES"
    require(practice, name, channel=channel)


@routes.get("/channels/{channel_id}/messages")
async def history(request: web.Request) -> web.Response:
    """Messages of a channel, newest first."""
    practice, channel = _readable(request)
    limit = forms.query_integer(request, "limit", 50, 1, 100)
    found = list(practice.world.messages(channel["id"]).values())
    before = forms.query_snowflake(request, "before")
    after = forms.query_snowflake(request, "after")
    around = forms.query_snowflake(request, "around")
    if around is not None:
        older = [m for m in found if int(m["id"]) <= int(around)][-(limit // 2 + 1) :]
        newer = [m for m in found if int(m["id"]) > int(around)][: limit // 2]
        found = older + newer
    elif before is not None:
        found = [m for m in found if int(m["id"]) < int(before)][-limit:]
    elif after is not None:
        found = [m for m in found if int(m["id"]) > int(after)][:limit]
    else:
        found = found[-limit:]
    return answer([shapes.message(practice.world, m) for m in reversed(found)])


@routes.get("/channels/{channel_id}/messages/pins")
async def pins(request: web.Request) -> web.Response:
    """Pinned messages, with when they were pinned."""
    practice, channel = _readable(request)
    items = [
        {"pinned_at": m["timestamp"], "message": shapes.message(practice.world, m)}
        for m in practice.world.messages(channel["id"]).values()
        if m["pinned"]
    ]
    return answer({"items": items, "has_more": False})


@routes.get("/channels/{channel_id}/pins")
async def pins_of_old(request: web.Request) -> web.Response:
    """Pinned messages as the deprecated route lists them."""
    practice, channel = _readable(request)
    kept = practice.world.messages(channel["id"]).values()
    return answer([shapes.message(practice.world, m) for m in kept if m["pinned"]])


@routes.put("/channels/{channel_id}/messages/pins/{message_id}")
@routes.put("/channels/{channel_id}/pins/{message_id}")
async def pin(request: web.Request) -> web.Response:
    """Pin a message."""
    return _set_pinned(request, True)


@routes.delete("/channels/{channel_id}/messages/pins/{message_id}")
@routes.delete("/channels/{channel_id}/pins/{message_id}")
async def unpin(request: web.Request) -> web.Response:
    """Unpin a message."""
    return _set_pinned(request, False)


def _set_pinned(request: web.Request, pinned: bool) -> web.Response:
    practice, channel, message = _message(request)
    if not practice.world.may(practice.world.bot_id, "PIN_MESSAGES", channel=channel):
        require(practice, "MANAGE_MESSAGES", channel=channel)
    message["pinned"] = pinned
    practice.world.save("messages", message["id"], message)
    event = {"channel_id": channel["id"], "last_pin_timestamp": message["timestamp"]}
    in_guild = channel["type"] != 1
    if in_guild:
        event["guild_id"] = practice.world.guild_id
    practice.dispatch("CHANNEL_PINS_UPDATE", event, in_guild=in_guild)
    return nothing()


@routes.get("/channels/{channel_id}/messages/{message_id}")
async def show(request: web.Request) -> web.Response:
    """One message."""
    practice, channel, message = _message(request)
    require(practice, "READ_MESSAGE_HISTORY", channel=channel)
    return answer(shapes.message(practice.world, message))


@routes.post("/channels/{channel_id}/messages")
async def create(request: web.Request) -> web.Response:
    """The bot writes; with `enforce_nonce` the same nonce gives the message that is there."""
    practice, channel = visible_channel(request)
    check_may_write(practice, channel)
    body, uploads = await forms.read_with_files(request)
    if uploads:
        require(practice, "ATTACH_FILES", channel=channel)
    draft = drafts.check(practice, body, uploads)
    bot = practice.world.bot_id
    if draft.get("nonce") is not None and forms.flag(body, "enforce_nonce"):
        existing = messages.with_nonce(practice, channel["id"], bot, draft["nonce"])
        if existing is not None:
            return answer(shapes.message(practice.world, existing))
    reference = body.get("message_reference")
    if isinstance(reference, dict):
        draft |= _reply(practice, channel, reference)
    if draft.get("flags"):
        draft["flags"] &= ~messages.EPHEMERAL
    record = messages.publish(practice, messages.compose(practice, channel["id"], bot, draft))
    return answer(shapes.message(practice.world, record))


def _reply(practice: Practice, channel: Json, reference: Json) -> Json:
    message_id = forms.snowflake(reference, "message_id", required=True) or ""
    if message_id not in practice.world.messages(channel["id"]):
        if reference.get("fail_if_not_exists", True):
            error = ("REPLIES_UNKNOWN_MESSAGE", "Unknown message")
            raise invalid_form({"message_reference": error})
        return {}
    target: Json = {"type": 0, "channel_id": channel["id"], "message_id": message_id}
    if channel["type"] != 1:
        target["guild_id"] = practice.world.guild_id
    return {"type": 19, "message_reference": target}


@routes.patch("/channels/{channel_id}/messages/{message_id}")
async def edit(request: web.Request) -> web.Response:
    """Change one of the bot's own messages."""
    practice, _, message = _message(request)
    body, uploads = await forms.read_with_files(request)
    if message["_author_id"] != practice.world.bot_id and set(body) - {"flags"}:
        raise ApiError(403, 50005)
    fields = drafts.check(practice, body, uploads, edit=True)
    return answer(shapes.message(practice.world, messages.edit(practice, message, fields)))


@routes.delete("/channels/{channel_id}/messages/{message_id}")
async def delete(request: web.Request) -> web.Response:
    """Remove a message: the bot's own, or anybody's with MANAGE_MESSAGES."""
    practice, channel, message = _message(request)
    bot = practice.world.bot_id
    if message["_author_id"] != bot:
        if channel["type"] == 1:
            raise ApiError(403, 50003)
        require(practice, "MANAGE_MESSAGES", channel=channel)
    messages.delete(practice, message, actor_id=bot, reason=forms.reason_of(request))
    return nothing()


@routes.post("/channels/{channel_id}/messages/bulk-delete")
async def bulk_delete(request: web.Request) -> web.Response:
    """Remove 2 to 100 messages that are at most 14 days old."""
    practice, channel = visible_channel(request)
    if channel["type"] == 1:
        raise ApiError(403, 50003)
    require(practice, "MANAGE_MESSAGES", channel=channel)
    ids = forms.snowflakes(await forms.read_object(request), "messages", 100)
    if len(set(ids)) < 2:
        raise ApiError(400, 50016)
    if any((now() - created_at(i)).days >= BULK_DELETE_DAYS for i in ids):
        raise ApiError(400, 50034)
    reason = forms.reason_of(request)
    bot = practice.world.bot_id
    messages.delete_many(practice, channel["id"], ids, actor_id=bot, reason=reason)
    return nothing()


@routes.put("/channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me")
async def react(request: web.Request) -> web.Response:
    """The bot reacts."""
    practice, channel, message = _message(request)
    require(practice, "READ_MESSAGE_HISTORY", channel=channel)
    emoji = _emoji(request)
    if not reactions.people(message, emoji):
        require(practice, "ADD_REACTIONS", channel=channel)
    reactions.add(practice, message, practice.world.bot_id, emoji)
    return nothing()


@routes.delete("/channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me")
async def unreact(request: web.Request) -> web.Response:
    """The bot takes its reaction back."""
    practice, _, message = _message(request)
    reactions.remove(practice, message, practice.world.bot_id, _emoji(request))
    return nothing()


@routes.delete("/channels/{channel_id}/messages/{message_id}/reactions/{emoji}/{user_id}")
async def remove_reaction(request: web.Request) -> web.Response:
    """Remove somebody's reaction."""
    practice, channel, message = _message(request)
    require(practice, "MANAGE_MESSAGES", channel=channel)
    reactions.remove(practice, message, forms.path_id(request, "user_id"), _emoji(request))
    return nothing()


@routes.get("/channels/{channel_id}/messages/{message_id}/reactions/{emoji}")
async def who_reacted(request: web.Request) -> web.Response:
    """Users who reacted with an emoji."""
    practice, _, message = _message(request)
    limit = forms.query_integer(request, "limit", 25, 1, 100)
    after = int(forms.query_snowflake(request, "after") or 0)
    found = sorted(int(u) for u in reactions.people(message, _emoji(request)) if int(u) > after)
    return answer([shapes.user(practice.world, str(u)) for u in found[:limit]])


@routes.delete("/channels/{channel_id}/messages/{message_id}/reactions")
async def clear_reactions(request: web.Request) -> web.Response:
    """Remove all reactions."""
    practice, channel, message = _message(request)
    require(practice, "MANAGE_MESSAGES", channel=channel)
    reactions.clear(practice, message)
    return nothing()


@routes.delete("/channels/{channel_id}/messages/{message_id}/reactions/{emoji}")
async def clear_emoji(request: web.Request) -> web.Response:
    """Remove all reactions with an emoji."""
    practice, channel, message = _message(request)
    require(practice, "MANAGE_MESSAGES", channel=channel)
    reactions.clear(practice, message, _emoji(request))
    return nothing()


def _emoji(request: web.Request) -> Json:
    text = request.match_info["emoji"]
    if text.isascii() and ":" not in text:
        raise not_found(10014)
    return reactions.parse_emoji(text)

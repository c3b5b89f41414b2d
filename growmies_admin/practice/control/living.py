"""Live as a member: write, react, speak, be online, leave, join; and what staff do in Discord."""

from datetime import timedelta

from aiohttp import web

from growmies_admin.practice.acts import channels, members, messages, presence, reactions
from growmies_admin.practice.control.common import (
    channel_of,
    member,
    person,
    read_body,
    role_ids,
    text,
)
from growmies_admin.practice.control.people import details
from growmies_admin.practice.errors import ControlError, Json
from growmies_admin.practice.rest.common import answer
from growmies_admin.practice.state import iso, now

routes = web.RouteTableDef()

VOICE = (2, 13)


@routes.post("/practice/members/{user_id}/messages")
async def write(request: web.Request) -> web.Response:
    """Write a message; `channel` "dm" writes to the bot, `reply_to` replies."""
    practice, user_id = member(request)
    body = await read_body(request)
    content = text(body, "content")
    if body.get("channel") == "dm" and practice.world.dm_channel(user_id) is None:
        channels.open_dm(practice, user_id)
    channel = channel_of(practice, body.get("channel", "general"), user_id)
    if channel["type"] != 1 and not practice.world.may(user_id, "SEND_MESSAGES", channel=channel):
        why = "is timed out" if practice.world.is_timed_out(user_id) else "may not write here"
        raise ControlError(403, f"This member {why}.")
    draft: Json = {"content": content}
    if body.get("reply_to") is not None:
        target = practice.world.messages(channel["id"]).get(str(body["reply_to"]))
        if target is None:
            raise ControlError(404, "The message to reply to is not in this channel.")
        reference: Json = {"type": 0, "channel_id": channel["id"], "message_id": target["id"]}
        if channel["type"] != 1:
            reference["guild_id"] = practice.world.guild_id
        draft |= {"type": 19, "message_reference": reference}
    record = messages.publish(practice, messages.compose(practice, channel["id"], user_id, draft))
    return answer({"id": record["id"], "channel_id": channel["id"]}, 201)


@routes.patch("/practice/members/{user_id}/messages/{message_id}")
async def rewrite(request: web.Request) -> web.Response:
    """Change one of the member's own messages."""
    practice, user_id = member(request)
    content = text(await read_body(request), "content")
    record = practice.world.table("messages").get(request.match_info["message_id"])
    if record is None or record["_author_id"] != user_id:
        raise ControlError(404, "This member has no such message.")
    messages.edit(practice, record, {"content": content})
    return answer({"id": record["id"], "channel_id": record["channel_id"]})


@routes.delete("/practice/members/{user_id}/messages/{message_id}")
async def remove(request: web.Request) -> web.Response:
    """Delete one of the member's own messages."""
    practice, user_id = member(request)
    record = practice.world.table("messages").get(request.match_info["message_id"])
    if record is None or record["_author_id"] != user_id:
        raise ControlError(404, "This member has no such message.")
    messages.delete(practice, record, actor_id=user_id)
    return answer({"deleted": record["id"]})


@routes.post("/practice/members/{user_id}/automod")
async def trip_automod(request: web.Request) -> web.Response:
    """Discord's own AutoMod blocks a message of this member because of `keyword`."""
    practice, user_id = member(request)
    body = await read_body(request)
    content, keyword = text(body, "content"), text(body, "keyword", most=60)
    channel = channel_of(practice, body.get("channel", "general"), user_id)
    event = {
        "guild_id": practice.world.guild_id,
        "action": {"type": 1, "metadata": {}},
        "rule_id": practice.world.guild_id,
        "rule_trigger_type": 1,
        "user_id": user_id,
        "channel_id": channel["id"],
        "message_id": None,
        "alert_system_message_id": None,
        "content": content,
        "matched_keyword": keyword,
        "matched_content": keyword,
    }
    practice.dispatch("AUTO_MODERATION_ACTION_EXECUTION", event)
    return answer({"blocked": content})


@routes.post("/practice/members/{user_id}/reactions")
async def react(request: web.Request) -> web.Response:
    """React to a message, or take a reaction back with `remove`."""
    practice, user_id = member(request)
    body = await read_body(request)
    record = practice.world.table("messages").get(text(body, "message_id", most=20))
    if record is None:
        raise ControlError(404, "There is no such message.")
    channel = channel_of(practice, record["channel_id"], user_id)
    if channel["type"] != 1 and practice.world.is_timed_out(user_id):
        raise ControlError(403, "This member is timed out.")
    emoji = reactions.parse_emoji(text(body, "emoji", most=64))
    act = reactions.remove if body.get("remove") is True else reactions.add
    act(practice, record, user_id, emoji)
    return answer({"message_id": record["id"]})


@routes.post("/practice/members/{user_id}/voice")
async def voice(request: web.Request) -> web.Response:
    """Enter a voice channel, or hang up with null."""
    practice, user_id = member(request)
    name = (await read_body(request)).get("channel")
    channel = None if name is None else channel_of(practice, name, user_id)
    if channel is not None and channel["type"] not in VOICE:
        raise ControlError(400, f"#{channel['name']} is no voice channel.")
    presence.set_voice(practice, user_id, None if channel is None else channel["id"])
    return answer(details(practice, user_id))


@routes.post("/practice/members/{user_id}/presence")
async def be(request: web.Request) -> web.Response:
    """Be online, idle, dnd or offline."""
    practice, user_id = member(request)
    body = await read_body(request)
    status = text(body, "status", most=16)
    if status not in presence.STATUSES:
        raise ControlError(400, f"status must be one of {', '.join(presence.STATUSES)}.")
    activities = body.get("activities") or practice.world.table("presences").get(user_id, {}).get(
        "activities", []
    )
    if not isinstance(activities, list):
        raise ControlError(400, "activities must be a list.")
    presence.set_presence(practice, user_id, status, activities)
    return answer(details(practice, user_id))


@routes.post("/practice/members/{user_id}/leave")
async def leave(request: web.Request) -> web.Response:
    """Leave the guild."""
    practice, user_id = member(request)
    if user_id in (practice.world.bot_id, practice.world.meta["owner_id"]):
        raise ControlError(409, "The bot and the owner stay.")
    members.leave(practice, user_id)
    return answer(details(practice, user_id))


@routes.post("/practice/members/{user_id}/join")
async def join(request: web.Request) -> web.Response:
    """Come (back) into the guild, without the roles of before."""
    practice, user_id = person(request)
    body = await read_body(request)
    if user_id in practice.world.members:
        raise ControlError(409, "This member is in the guild already.")
    if user_id in practice.world.table("bans"):
        raise ControlError(403, "This user is banned.")
    members.join(practice, user_id, roles=role_ids(practice, body.get("roles", [])))
    presence.set_presence(practice, user_id, "online")
    return answer(details(practice, user_id))


@routes.post("/practice/members/{user_id}/moderation")
async def moderate(request: web.Request) -> web.Response:
    """Staff act in Discord itself, past the bot: kick, ban, unban, timeout (`seconds`; 0 ends)."""
    practice, user_id = person(request)
    body = await read_body(request)
    action = text(body, "action", most=16)
    by = practice.world.by_name(
        "users", str(body.get("by", practice.world.meta["owner_id"])), "username"
    )
    if by is None:
        raise ControlError(404, "by names nobody.")
    reason = text(body, "reason", most=512) if body.get("reason") is not None else None
    if action in ("kick", "timeout"):
        member(request)
    if action == "kick":
        members.kick(practice, user_id, actor_id=by["id"], reason=reason)
    elif action == "ban":
        members.ban(practice, user_id, actor_id=by["id"], reason=reason)
    elif action == "unban":
        if user_id not in practice.world.table("bans"):
            raise ControlError(409, "This user is not banned.")
        members.unban(practice, user_id, actor_id=by["id"], reason=reason)
    elif action == "timeout":
        seconds = body.get("seconds", 600)
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise ControlError(400, "seconds must be a number.")
        until = iso(now() + timedelta(seconds=min(seconds, 28 * 86_400))) if seconds > 0 else None
        fields = {"communication_disabled_until": until}
        members.update(practice, user_id, fields, actor_id=by["id"], reason=reason)
    else:
        raise ControlError(400, "action must be kick, ban, unban or timeout.")
    return answer(details(practice, user_id))

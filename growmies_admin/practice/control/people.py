"""Members for the control surface: make them, look at them, change them."""

from datetime import UTC, datetime, timedelta

from aiohttp import web

from growmies_admin.practice import audit, drafts
from growmies_admin.practice.acts import members, messages, presence
from growmies_admin.practice.context import Practice, practice_of
from growmies_admin.practice.control.common import (
    flag,
    member,
    person,
    read_body,
    role_ids,
    text,
)
from growmies_admin.practice.errors import ControlError, Json
from growmies_admin.practice.rest.common import answer
from growmies_admin.practice.snowflakes import created_at
from growmies_admin.practice.state import now

routes = web.RouteTableDef()

DEFAULT_ACCOUNT_DAYS = 400
OLDEST_ACCOUNT_DAYS = 3_650


def details(practice: Practice, user_id: str) -> Json:
    """A member as the control surface shows them; also when they left or are banned."""
    world = practice.world
    user = world.users[user_id]
    kept = world.members.get(user_id)
    roles = world.sorted_roles(kept["roles"]) if kept else []
    dm_channel = world.dm_channel(user_id)
    sent = world.messages(dm_channel["id"]).values() if dm_channel else []
    loading = messages.LOADING
    voice = world.table("voice").get(user_id)
    until = kept["communication_disabled_until"] if kept and world.is_timed_out(user_id) else None
    return {
        "id": user_id,
        "username": user["username"],
        "display_name": user["global_name"] or user["username"],
        "nick": kept["nick"] if kept else None,
        "bot": user["bot"],
        "in_guild": kept is not None,
        "roles": [role["name"] for role in roles],
        "timed_out_until": until,
        "banned": user_id in world.table("bans"),
        "dms_open": user["_dms_open"],
        "joined_at": kept["joined_at"] if kept else None,
        "account_created": created_at(user_id).isoformat(),
        "status": world.table("presences").get(user_id, {}).get("status", "offline"),
        "voice_channel": world.channels[voice["channel_id"]]["name"] if voice else None,
        "dms": [drafts.as_text(m) for m in sent if m["_author_id"] == world.bot_id],
        "ephemeral": [
            drafts.as_text(m) for m in world.ephemerals_of(user_id) if not m["flags"] & loading
        ],
    }


@routes.get("/practice/members")
async def list_people(request: web.Request) -> web.Response:
    """Everybody known, in the guild or not; `search` by name, at most `limit`."""
    practice = practice_of(request)
    world = practice.world
    wanted = request.query.get("search", "").lower()
    limit = request.query.get("limit", "")
    found = [
        user
        for user in world.users.values()
        if wanted in user["username"].lower() or wanted in (user["global_name"] or "").lower()
    ]
    if limit.isdigit():
        found = found[-int(limit) :] if int(limit) else []
    brief = [
        {
            "id": user["id"],
            "username": user["username"],
            "display_name": user["global_name"] or user["username"],
            "bot": user["bot"],
            "in_guild": user["id"] in world.members,
            "roles": [
                role["name"]
                for role in world.sorted_roles(world.members.get(user["id"], {}).get("roles", []))
            ],
            "banned": user["id"] in world.table("bans"),
            "status": world.table("presences").get(user["id"], {}).get("status", "offline"),
        }
        for user in found
    ]
    return answer({"members": brief, "total": len(world.users)})


@routes.post("/practice/members")
async def create(request: web.Request) -> web.Response:
    """A new member with an account of `account_age_days`, joined now or at `joined_at`."""
    practice = practice_of(request)
    body = await read_body(request)
    username = text(body, "username", most=32)
    if not username.isprintable() or username != username.strip():
        raise ControlError(400, "username must be printable, without space at its ends.")
    shown = body.get("display_name")
    if shown is not None:
        shown = text(body, "display_name", most=32)
    is_bot = flag(body, "bot", False)
    dms_open = flag(body, "dms_open", True)
    in_guild = flag(body, "in_guild", True)
    roles = role_ids(practice, body.get("roles", []))
    joined_at = _moment(body.get("joined_at"))
    created = _created(body, joined_at)
    status = body.get("presence", "online")
    if status not in presence.STATUSES:
        raise ControlError(400, f"presence must be one of {', '.join(presence.STATUSES)}.")
    user_id = members.create_user(practice, username, shown, created=created, bot=is_bot)
    if not dms_open:
        _set_dms(practice, user_id, False)
    if in_guild:
        members.join(practice, user_id, joined_at=joined_at, roles=roles)
        if status != "offline":
            presence.set_presence(practice, user_id, status)
    return answer({"id": user_id}, 201)


def _created(body: Json, joined_at: datetime | None) -> datetime:
    if "account_age_days" not in body:
        return (joined_at or now()) - timedelta(days=DEFAULT_ACCOUNT_DAYS)
    days = body["account_age_days"]
    if isinstance(days, bool) or not isinstance(days, int | float):
        raise ControlError(400, "account_age_days must be a number.")
    if not 0 <= days <= OLDEST_ACCOUNT_DAYS:
        raise ControlError(400, f"account_age_days must be from 0 to {OLDEST_ACCOUNT_DAYS}.")
    created = now() - timedelta(days=days)
    if joined_at is not None and created > joined_at:
        raise ControlError(400, "The account can't be younger than the membership.")
    return created


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise ControlError(400, "joined_at must be a date and time, ISO 8601.") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not datetime(2016, 1, 1, tzinfo=UTC) <= moment <= now():
        raise ControlError(400, "joined_at must be in the past, after 2015.")
    return moment


@routes.get("/practice/members/{user_id}")
async def show(request: web.Request) -> web.Response:
    """One member, with what they were told."""
    practice, user_id = person(request)
    return answer(details(practice, user_id))


@routes.get("/practice/members/{user_id}/history")
async def history(request: web.Request) -> web.Response:
    """Roles that a member was given or lost and messages of the bot, in their order."""
    practice, user_id = person(request)
    world = practice.world
    dm_channel = world.dm_channel(user_id)
    sent = world.messages(dm_channel["id"]).values() if dm_channel else []
    found = [
        (int(message["id"]), "message", drafts.as_text(message))
        for message in sent
        if message["_author_id"] == world.bot_id
    ]
    did = {"$add": "role given", "$remove": "role taken"}
    for entry in world.table("audit").values():
        if entry["action_type"] == audit.MEMBER_ROLE_UPDATE and entry["target_id"] == user_id:
            for change in entry["changes"]:
                names = ", ".join(role["name"] for role in change["new_value"])
                found.append((int(entry["id"]), did[change["key"]], names))
    return answer({"history": [{"what": what, "text": text} for _, what, text in sorted(found)]})


@routes.patch("/practice/members/{user_id}")
async def change(request: web.Request) -> web.Response:
    """Open or close a member's DMs, set their roles, nick or names, as people do in Discord."""
    practice, user_id = person(request)
    body = await read_body(request)
    unknown = set(body) - {"dms_open", "roles", "nick", "pending", "username", "display_name"}
    if unknown:
        raise ControlError(
            400,
            "Only dms_open, roles, nick, pending, username and display_name change, "
            f"not {unknown}.",
        )
    dms_open = flag(body, "dms_open", practice.world.users[user_id]["_dms_open"])
    roles = role_ids(practice, body["roles"]) if "roles" in body else None
    fields: Json = {}
    if "nick" in body:
        fields["nick"] = None if body["nick"] is None else text(body, "nick", most=32)
    if "pending" in body:
        fields["pending"] = flag(body, "pending", False)
    owner = practice.world.meta["owner_id"]
    if roles is not None or fields:
        member(request)
    _set_dms(practice, user_id, dms_open)
    if "username" in body or "display_name" in body:
        members.rename(
            practice,
            user_id,
            text(body, "username", most=32) if "username" in body else None,
            text(body, "display_name", most=32) if "display_name" in body else None,
        )
    if fields:
        members.update(practice, user_id, fields, actor_id=owner)
    if roles is not None:
        members.set_roles(practice, user_id, roles, actor_id=owner)
    return answer(details(practice, user_id))


def _set_dms(practice: Practice, user_id: str, is_open: bool) -> None:
    user = practice.world.users[user_id]
    if user["_dms_open"] != is_open:
        user["_dms_open"] = is_open
        practice.world.save("users", user_id, user)

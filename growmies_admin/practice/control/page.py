"""The web page for people: its files, a member's view of a channel, and news as they happen."""

import asyncio
from importlib.resources import files
from pathlib import Path

from aiohttp import web

from growmies_admin.practice import permissions
from growmies_admin.practice.acts import messages
from growmies_admin.practice.context import Practice, practice_of
from growmies_admin.practice.control.common import channel_of, person
from growmies_admin.practice.control.people import details
from growmies_admin.practice.errors import ControlError, Json
from growmies_admin.practice.rest.common import answer

routes = web.RouteTableDef()

SHOWN_MESSAGES = 60
LOOK_SECONDS = 0.3
_FONTS = Path(__file__).resolve().parents[3] / "static" / "vendor" / "inter"
_KINDS = {"css": "text/css", "js": "text/javascript", "html": "text/html", "svg": "image/svg+xml"}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@routes.get("/practice")
async def without_slash(request: web.Request) -> web.Response:
    """To the page."""
    raise web.HTTPFound("/practice/")


@routes.get("/practice/")
async def index(request: web.Request) -> web.Response:
    """The page."""
    return page_file("index.html")


@routes.get("/practice/page/{name}")
async def asset(request: web.Request) -> web.Response:
    """A script, the style sheet or the icon of the page."""
    return page_file(request.match_info["name"])


def page_file(name: str) -> web.Response:
    """A file of `page/`, with the headers of every page. Raises HTTPNotFound."""
    kind = _KINDS.get(name.rpartition(".")[2])
    path = files("growmies_admin.practice") / "page" / name
    if kind is None or "/" in name or not path.is_file():
        raise web.HTTPNotFound
    return web.Response(
        body=path.read_bytes(), content_type=kind, charset="utf-8", headers=_HEADERS
    )


@routes.get("/practice/fonts/{name}.woff2")
async def font(request: web.Request) -> web.Response:
    """The site's own font, which the page shares."""
    path = _FONTS / f"{request.match_info['name']}.woff2"
    if path.parent != _FONTS or not path.is_file():
        raise web.HTTPNotFound
    return web.Response(body=path.read_bytes(), content_type="font/woff2", headers=_HEADERS)


@routes.get("/practice/files/{file_id}")
async def attachment(request: web.Request) -> web.Response:
    """An attachment of a message, always as a download."""
    kept = practice_of(request).files.get(request.match_info["file_id"])
    if kept is None:
        raise web.HTTPNotFound
    headers = _HEADERS | {"Content-Disposition": "attachment"}
    return web.Response(body=kept[0], content_type="application/octet-stream", headers=headers)


@routes.get("/practice/changes")
async def changes(request: web.Request) -> web.StreamResponse:
    """Server-sent events: one whenever anything in the guild changed."""
    practice = practice_of(request)
    stream = web.StreamResponse(headers=_HEADERS | {"Content-Type": "text/event-stream"})
    await stream.prepare(request)
    told: object = None
    quiet = 0.0
    while not practice.stopping.is_set():
        state = (practice.world.revision, _sessions(practice), len(practice.faults.active()))
        if state != told or quiet > 5:
            told, quiet = state, 0.0
            await stream.write(f"data: {state[0]}\n\n".encode())
        try:
            await asyncio.wait_for(practice.stopping.wait(), LOOK_SECONDS)
        except TimeoutError:
            quiet += LOOK_SECONDS
    return stream


def _sessions(practice: Practice) -> int:
    return sum(1 for session in practice.hub.sessions.values() if session.link is not None)


@routes.get("/practice/members/{user_id}/view")
async def view(request: web.Request) -> web.Response:
    """All that the page shows of one member: channels, one channel's messages, an open modal."""
    practice, user_id = person(request)
    world = practice.world
    channels = _channels(practice, user_id)
    wanted = request.query.get("channel")
    if wanted not in [channel["id"] for channel in channels]:
        wanted = next((c["id"] for c in channels if c["name"] == "general"), None)
    shown = _messages(practice, user_id, wanted) if wanted else []
    modal = practice.interactions.open_modals.get(user_id)
    return answer(
        {
            "member": details(practice, user_id),
            "channels": channels,
            "channel": wanted,
            "messages": shown,
            "modal": {k: v for k, v in modal.items() if k[0] != "_"} if modal else None,
            "commands": _commands(practice, user_id),
            "names": {
                "users": {u["id"]: u["global_name"] or u["username"] for u in _known(practice)},
                "roles": {r["id"]: r["name"] for r in world.roles.values()},
                "channels": {c["id"]: c.get("name", "dm") for c in world.channels.values()},
            },
            "sessions": _sessions(practice),
            "faults": [fault.shape() for fault in practice.faults.active()],
        }
    )


def _known(practice: Practice) -> list[Json]:
    return list(practice.world.users.values())[:500]


def _channels(practice: Practice, user_id: str) -> list[Json]:
    world = practice.world
    shown = []
    for channel in world.channels.values():
        if channel["type"] in (1, 4) or not world.may(user_id, "VIEW_CHANNEL", channel=channel):
            continue
        category = world.channels.get(channel.get("parent_id") or "", {}).get("name")
        shown.append(
            {
                "id": channel["id"],
                "name": channel["name"],
                "type": channel["type"],
                "category": category,
                "topic": channel.get("topic"),
                "can_write": world.may(user_id, "SEND_MESSAGES", channel=channel),
                "count": len(world.messages(channel["id"])),
            }
        )
    dm_channel = world.dm_channel(user_id)
    if dm_channel is not None:
        shown.append(
            {
                "id": "dm",
                "name": world.users[world.bot_id]["username"],
                "type": 1,
                "category": "Direct messages",
                "topic": None,
                "can_write": user_id in world.members,
                "count": len(world.messages(dm_channel["id"])),
            }
        )
    return shown


def _messages(practice: Practice, user_id: str, channel_id: str) -> list[Json]:
    world = practice.world
    try:
        channel = channel_of(practice, channel_id, user_id)
    except ControlError:
        return []
    mine = [m for m in world.ephemerals_of(user_id) if m["channel_id"] == channel["id"]]
    found = sorted([*world.messages(channel["id"]).values(), *mine], key=lambda m: int(m["id"]))
    return [_message(practice, user_id, record) for record in found[-SHOWN_MESSAGES:]]


def _message(practice: Practice, user_id: str, record: Json) -> Json:
    world = practice.world
    author_id = record["_author_id"]
    author = record.get("author") or world.users.get(author_id) or {"username": "gone"}
    roles = world.sorted_roles(world.members.get(author_id, {}).get("roles", []))
    colors = [role["color"] for role in roles if role["color"]]
    reference = record.get("message_reference")
    replied = (
        world.messages(reference["channel_id"]).get(reference["message_id"])
        if (reference and not record.get("interaction_metadata"))
        else None
    )
    used = record.get("interaction")
    return {
        "id": record["id"],
        "author": {
            "id": author_id,
            "name": author.get("global_name") or author["username"],
            "bot": bool(author.get("bot")),
            "color": f"#{colors[-1]:06x}" if colors else None,
        },
        "content": record["content"],
        "embeds": record["embeds"],
        "components": record["components"],
        "attachments": record["attachments"],
        "reactions": [
            {
                "emoji": entry["emoji"]["name"],
                "count": len(entry["user_ids"]),
                "mine": user_id in entry["user_ids"],
            }
            for entry in record.get("_reactions", [])
        ],
        "timestamp": record["timestamp"],
        "edited": record["edited_timestamp"] is not None,
        "ephemeral": bool(record["flags"] & messages.EPHEMERAL),
        "loading": bool(record["flags"] & messages.LOADING),
        "used": f"/{used['name']}" if used else None,
        "used_by": used["user"]["global_name"] or used["user"]["username"] if used else None,
        "reply_to": replied["content"][:120] if replied else None,
    }


def _commands(practice: Practice, user_id: str) -> list[Json]:
    """The slash commands that Discord would offer this member, subcommands by full name."""
    bits = practice.world.permissions(user_id)
    offered: dict[str, Json] = {}
    for command in practice.world.table("commands").values():
        needed = command.get("default_member_permissions")
        if command["type"] != 1 or not permissions.may_use(bits, needed):
            continue
        for name, about, options in _leaves(command["name"], command):
            offered[name] = {"name": name, "description": about, "options": options}
    return sorted(offered.values(), key=lambda command: str(command["name"]))


def _leaves(name: str, node: Json) -> list[tuple[str, str, list[Json]]]:
    options = node.get("options") or []
    inner = [option for option in options if option["type"] in (1, 2)]
    if not inner:
        return [(name, node["description"], options)]
    return [leaf for option in inner for leaf in _leaves(f"{name} {option['name']}", option)]

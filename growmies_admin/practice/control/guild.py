"""The guild for the control surface: facts, counts, roles, faults, speeds, reset."""

import time

from aiohttp import web

from growmies_admin.practice import faults, permissions, seed
from growmies_admin.practice.acts import roles
from growmies_admin.practice.context import Practice, practice_of
from growmies_admin.practice.control.common import read_body, text
from growmies_admin.practice.errors import ControlError, Json
from growmies_admin.practice.gateway import Connection
from growmies_admin.practice.rest.common import answer

routes = web.RouteTableDef()


@routes.get("/practice/guild")
async def guild(request: web.Request) -> web.Response:
    """The guild, its channels and roles, the bot's token and registered commands."""
    practice = practice_of(request)
    world = practice.world
    names = {c["id"]: c["name"] for c in world.channels.values() if c["type"] != 1}
    return answer(
        {
            "id": world.guild_id,
            "name": world.meta["name"],
            "token": practice.token,
            "bot_id": world.bot_id,
            "api_url": practice.api_url,
            "gateway_url": practice.gateway_url,
            "member_count": len(world.members),
            "channels": [
                {
                    "id": channel["id"],
                    "name": channel["name"],
                    "type": channel["type"],
                    "category": names.get(channel.get("parent_id") or ""),
                    "topic": channel.get("topic"),
                }
                for channel in world.channels.values()
                if channel["type"] not in (1, 4)
            ],
            "roles": [
                {
                    "id": role["id"],
                    "name": role["name"],
                    "permissions": role["permissions"],
                    "position": role["position"],
                    "color": role["color"],
                    "managed": role["managed"],
                }
                for role in world.sorted_roles(list(world.roles))
            ],
            "commands": [
                {key: command[key] for key in ("id", "name", "type", "description", "options")}
                for command in world.table("commands").values()
            ],
            "sessions": sum(1 for s in practice.hub.sessions.values() if s.link is not None),
        }
    )


@routes.get("/practice/stats")
async def stats(request: web.Request) -> web.Response:
    """What the bot did: calls per route, DMs and role grants per member."""
    practice = practice_of(request)
    world = practice.world
    counted: dict[str, dict[str, Json]] = {}
    dms: dict[str, int] = {}
    for name, value in world.table("counters").items():
        kind, user_id, *rest = name.split("/")
        if kind == "dms":
            dms[user_id] = value
        else:
            role = world.roles.get(rest[0], {"name": rest[0]})["name"]
            counted.setdefault(kind, {}).setdefault(user_id, {})[role] = value
    return answer(
        {
            "rest_calls": dict(practice.calls),
            "dms": dms,
            "role_grants": counted.get("role_grants", {}),
            "role_removals": counted.get("role_removals", {}),
            "role_grant_calls": counted.get("role_grant_calls", {}),
            "invalid_requests": practice.limits.invalid_count(),
            "identifies": practice.identifies,
            "faults_met": dict(practice.faults.met),
            "sessions": sum(1 for s in practice.hub.sessions.values() if s.link is not None),
        }
    )


@routes.get("/practice/faults")
async def list_faults(request: web.Request) -> web.Response:
    """Faults that are in force."""
    return answer({"faults": [f.shape() for f in practice_of(request).faults.active()]})


@routes.post("/practice/faults")
async def inject(request: web.Request) -> web.Response:
    """Put a fault in force."""
    practice = practice_of(request)
    fault = faults.parse(await read_body(request))
    practice.faults.add(fault)
    if fault.kind in ("outage", "drop_gateway"):
        for connection in _connections(practice):
            connection.hang_up(fault.code)
            practice.faults.met[fault.kind] += 1
    elif fault.kind == "reconnect":
        for connection in _connections(practice):
            connection.send(7, None)
    elif fault.kind == "invalid_session":
        for connection in _connections(practice):
            if connection.session is not None:
                practice.hub.drop(connection.session)
            connection.send(9, False)
    return answer(fault.shape(), 201)


@routes.delete("/practice/faults")
async def heal(request: web.Request) -> web.Response:
    """End all faults, or with `?kind=` those of one kind."""
    practice = practice_of(request)
    kind = request.query.get("kind", "")
    if kind and kind not in faults.KINDS:
        raise ControlError(400, f"kind must be one of {', '.join(faults.KINDS)}.")
    practice.faults.clear(kind)
    return answer({"faults": [f.shape() for f in practice.faults.active()]})


def _connections(practice: Practice) -> list[Connection]:
    links = [session.link for session in practice.hub.sessions.values()]
    return [link for link in links if isinstance(link, Connection)]


@routes.post("/practice/roles")
async def create_role(request: web.Request) -> web.Response:
    """A new role of the given `name`, below all others, as an administrator would make it."""
    practice = practice_of(request)
    body = await read_body(request)
    name = text(body, "name", most=100)
    if practice.world.by_name("roles", name) is not None:
        raise ControlError(409, f"There is a role {name} already.")
    owner = practice.world.meta["owner_id"]
    role = roles.create(practice, {"name": name}, actor_id=owner, reason=None)
    return answer({"id": role["id"], "name": role["name"], "position": role["position"]}, 201)


@routes.patch("/practice/roles/{role}")
async def change_role(request: web.Request) -> web.Response:
    """Move a role (`position`, `above_bot`), or add and take permissions by name."""
    practice = practice_of(request)
    role = _role(request)
    body = await read_body(request)
    unknown = set(body) - {"position", "above_bot", "add", "remove", "name"}
    if unknown:
        raise ControlError(400, f"Unknown fields: {', '.join(sorted(unknown))}.")
    if role["id"] == practice.world.guild_id and {"position", "above_bot", "name"} & set(body):
        raise ControlError(400, "@everyone stays where it is.")
    fields: Json = {}
    bits = int(role["permissions"])
    bits = (bits | _mask(body.get("add", []))) & ~_mask(body.get("remove", []))
    if str(bits) != role["permissions"]:
        fields["permissions"] = str(bits)
    if "name" in body:
        fields["name"] = text(body, "name", most=100)
    if fields:
        owner = practice.world.meta["owner_id"]
        roles.update(practice, role, fields, actor_id=owner)
    position = _position(practice, role, body)
    if position is not None:
        roles.move(practice, role["id"], position)
    shown = {"id": role["id"], "name": role["name"], "permissions": role["permissions"]}
    return answer(shown | {"position": role["position"]})


def _position(practice: Practice, role: Json, body: Json) -> int | None:
    bot = practice.world.roles[practice.world.meta["bot_role_id"]]["position"]
    if "above_bot" in body:
        is_above = role["position"] > bot
        if body["above_bot"] is is_above:
            return None
        # Once the role is taken out from below, the bot moves down: its old place is above it.
        return int(bot)
    if "position" not in body:
        return None
    position = body["position"]
    if isinstance(position, bool) or not isinstance(position, int) or position < 1:
        raise ControlError(400, "position must be a whole number from 1.")
    return position


@routes.delete("/practice/roles/{role}")
async def delete_role(request: web.Request) -> web.Response:
    """Delete a role, as an administrator in Discord would."""
    practice = practice_of(request)
    role = _role(request)
    if role["managed"] or role["id"] == practice.world.guild_id:
        raise ControlError(409, "@everyone and the bot's own role stay.")
    roles.delete(practice, role, actor_id=practice.world.meta["owner_id"])
    return answer({"deleted": role["name"]})


def _role(request: web.Request) -> Json:
    role = practice_of(request).world.by_name("roles", request.match_info["role"])
    if role is None:
        raise ControlError(404, f"There is no role {request.match_info['role']}.")
    return role


def _mask(names: object) -> int:
    if not isinstance(names, list):
        raise ControlError(400, "add and remove are lists of permission names.")
    try:
        return permissions.mask(*(str(name).upper() for name in names))
    except KeyError as error:
        raise ControlError(400, f"There is no permission {error.args[0]}.") from None


@routes.patch("/practice/ratelimits")
async def speed(request: web.Request) -> web.Response:
    """Another limit for one route: {"method", "route", "limit", "per_seconds"}."""
    body = await read_body(request)
    limit, per_seconds = body.get("limit"), body.get("per_seconds")
    if not isinstance(limit, int) or not isinstance(per_seconds, int | float) or limit < 1:
        raise ControlError(400, "limit and per_seconds must be numbers above 0.")
    method, route = text(body, "method", most=6), text(body, "route", most=200)
    practice_of(request).limits.set_route(method, route, limit, float(per_seconds))
    return answer({"method": method, "route": route, "limit": limit, "per_seconds": per_seconds})


@routes.patch("/practice/bot")
async def change_bot(request: web.Request) -> web.Response:
    """Allow or refuse the privileged intents: {"intents_allowed": bool}."""
    practice = practice_of(request)
    allowed = (await read_body(request)).get("intents_allowed")
    if not isinstance(allowed, bool):
        raise ControlError(400, "intents_allowed must be true or false.")
    practice.world.save("meta", "intents_allowed", allowed)
    return answer({"intents_allowed": allowed})


@routes.post("/practice/reset")
async def reset(request: web.Request) -> web.Response:
    """Everything as on the first day; commands stay registered, sessions must identify anew."""
    practice = practice_of(request)
    practice.faults.clear()
    practice.limits.reset()
    practice.interactions.clear()
    practice.calls.clear()
    links = _connections(practice)
    for session in list(practice.hub.sessions.values()):
        practice.hub.drop(session)
    bot_id = practice.world.bot_id
    practice.world.clear(keep=("commands",))
    seed.plant(practice.world, bot_id)
    for connection in links:
        connection.send(9, False)
    return answer({"reset_at": time.time()})

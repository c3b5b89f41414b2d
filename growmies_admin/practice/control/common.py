"""What all of the control surface shares: answers, refusals, and who may call it."""

import json
from typing import Any
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from growmies_admin.practice.context import Practice, practice_of
from growmies_admin.practice.errors import ApiError, ControlError, Json
from growmies_admin.practice.rest.common import answer

log = structlog.get_logger(__name__)

LOCAL_NAMES = ("127.0.0.1", "localhost", "::1")


@web.middleware
async def control(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer refusals as {"error": sentence}; let no other site's page in."""
    try:
        _check_origin(request)
        return await handler(request)
    except ControlError as error:
        return answer({"error": error.sentence}, error.status)
    except ApiError as error:
        return answer({"error": str(error)}, error.status)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return answer({"error": f"{error.status}: {error.reason}."}, error.status)
    except Exception:
        log.exception("control_failed", path=request.path)
        return answer({"error": "The practice guild failed; its log says why."}, 500)


def _check_origin(request: web.Request) -> None:
    # A web page elsewhere must not drive the guild through the visitor's browser.
    if urlsplit(f"//{request.host}").hostname not in LOCAL_NAMES:
        raise ControlError(403, "The control surface answers on this machine only.")
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise ControlError(403, "Another site's page may not use the control surface.")


async def read_body(request: web.Request) -> Json:
    """The JSON object of the body; {} when there is none. Raises ControlError."""
    raw = await request.read()
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError:
        raise ControlError(400, "The body is not JSON.") from None
    if not isinstance(body, dict):
        raise ControlError(400, "The body must be a JSON object.")
    return body


def text(body: Json, name: str, *, most: int = 2_000, default: str | None = None) -> str:
    """A text field that must be there unless it has a default."""
    value = body.get(name, default)
    if not isinstance(value, str) or not 1 <= len(value) <= most:
        raise ControlError(400, f"{name} must be text of 1 to {most} characters.")
    return value


def flag(body: Json, name: str, default: bool) -> bool:
    """A true or false field."""
    value = body.get(name, default)
    if not isinstance(value, bool):
        raise ControlError(400, f"{name} must be true or false.")
    return value


def person(request: web.Request) -> tuple[Practice, str]:
    """The user that the path names, in the guild or not. Raises ControlError."""
    practice = practice_of(request)
    user_id = request.match_info["user_id"]
    if user_id not in practice.world.users:
        raise ControlError(404, f"There is no member {user_id}.")
    return practice, user_id


def member(request: web.Request) -> tuple[Practice, str]:
    """The member that the path names, who must be in the guild. Raises ControlError."""
    practice, user_id = person(request)
    if user_id not in practice.world.members:
        raise ControlError(409, "This member is not in the guild.")
    return practice, user_id


def channel_of(practice: Practice, name: Any, user_id: str) -> Json:
    """A channel by id or name that the member can see; "dm" is theirs with the bot."""
    if name == "dm":
        found = practice.world.dm_channel(user_id)
        if found is None:
            raise ControlError(409, "The bot has not opened a direct channel with this member.")
        return found
    channel = practice.world.by_name("channels", str(name))
    if channel is None or channel["type"] == 4:
        raise ControlError(404, f"There is no channel {name}.")
    if channel["type"] == 1:
        if channel["recipient_id"] != user_id:
            raise ControlError(403, "This is somebody else's direct channel.")
        return channel
    if not practice.world.may(user_id, "VIEW_CHANNEL", channel=channel):
        raise ControlError(403, f"This member can't see #{channel['name']}.")
    return channel


def role_ids(practice: Practice, value: Any) -> list[str]:
    """Ids of roles given by name or id."""
    if not isinstance(value, list):
        raise ControlError(400, "roles must be a list of names or ids.")
    found = []
    for entry in value:
        role = practice.world.by_name("roles", str(entry))
        if role is None:
            raise ControlError(400, f"There is no role {entry}.")
        if role["id"] != practice.world.guild_id:
            found.append(role["id"])
    return list(dict.fromkeys(found))

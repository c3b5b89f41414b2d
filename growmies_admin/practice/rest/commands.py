"""Application commands: registered by the bot, for everywhere or for the guild."""

import re

from aiohttp import web

from growmies_admin.practice import forms
from growmies_admin.practice.context import Practice, practice_of
from growmies_admin.practice.errors import (
    ApiError,
    Json,
    invalid_form,
    missing_access,
    not_found,
)
from growmies_admin.practice.rest.common import answer, in_guild, nothing

routes = web.RouteTableDef()

GLOBAL = "/applications/{application_id}/commands"
GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"
MOST_COMMANDS = 100
_NAME = re.compile(r"^[-_'\w]{1,32}$")


def _scope(request: web.Request) -> tuple[Practice, str | None]:
    practice = practice_of(request)
    if forms.path_id(request, "application_id") != practice.world.bot_id:
        raise ApiError(403, 20012)
    if "guild_id" not in request.match_info:
        return practice, None
    if forms.path_id(request, "guild_id") != practice.world.guild_id:
        raise missing_access()
    in_guild(request)
    return practice, practice.world.guild_id


def _in_scope(practice: Practice, guild_id: str | None) -> list[Json]:
    commands = practice.world.table("commands").values()
    return [command for command in commands if command.get("guild_id") == guild_id]


def _one(request: web.Request) -> tuple[Practice, Json]:
    practice, guild_id = _scope(request)
    wanted = forms.path_id(request, "command_id")
    for command in _in_scope(practice, guild_id):
        if command["id"] == wanted:
            return practice, command
    raise not_found(10063)


@routes.get(GLOBAL)
@routes.get(GUILD)
async def list_commands(request: web.Request) -> web.Response:
    """The commands of this scope."""
    practice, guild_id = _scope(request)
    return answer(_in_scope(practice, guild_id))


@routes.put(GLOBAL)
@routes.put(GUILD)
async def overwrite(request: web.Request) -> web.Response:
    """Make the scope's commands exactly these; known names keep their id."""
    practice, guild_id = _scope(request)
    body = await forms.read_json(request)
    if not isinstance(body, list) or not all(isinstance(entry, dict) for entry in body):
        raise ApiError(400, 50035)
    if len(body) > MOST_COMMANDS:
        raise ApiError(400, 30032, "Maximum number of application commands reached (100)")
    checked = [_check(entry, f"{index}.") for index, entry in enumerate(body)]
    keys = [(c["name"], c["type"]) for c in checked]
    if len(set(keys)) < len(keys):
        message = "Application command names must be unique"
        raise invalid_form({"name": ("APPLICATION_COMMANDS_DUPLICATE_NAME", message)})
    known = {(c["name"], c["type"]): c for c in _in_scope(practice, guild_id)}
    for key, command in known.items():
        if key not in keys:
            practice.world.remove("commands", command["id"])
    kept = [_keep(practice, guild_id, fields, known) for fields in checked]
    return answer(kept)


@routes.post(GLOBAL)
@routes.post(GUILD)
async def create(request: web.Request) -> web.Response:
    """Add a command, or replace the one of the same name and type."""
    practice, guild_id = _scope(request)
    fields = _check(await forms.read_object(request), "")
    known = {(c["name"], c["type"]): c for c in _in_scope(practice, guild_id)}
    status = 200 if (fields["name"], fields["type"]) in known else 201
    return answer(_keep(practice, guild_id, fields, known), status)


@routes.get(GLOBAL + "/{command_id}")
@routes.get(GUILD + "/{command_id}")
async def show(request: web.Request) -> web.Response:
    """One command."""
    return answer(_one(request)[1])


@routes.patch(GLOBAL + "/{command_id}")
@routes.patch(GUILD + "/{command_id}")
async def change(request: web.Request) -> web.Response:
    """Change a command."""
    practice, command = _one(request)
    body = await forms.read_object(request)
    fields = _check(command | body | {"type": command["type"]}, "")
    command |= fields | {"version": practice.world.ids.new()}
    practice.world.save("commands", command["id"], command)
    return answer(command)


@routes.delete(GLOBAL + "/{command_id}")
@routes.delete(GUILD + "/{command_id}")
async def delete(request: web.Request) -> web.Response:
    """Remove a command."""
    practice, command = _one(request)
    practice.world.remove("commands", command["id"])
    return nothing()


@routes.get(GUILD + "/permissions")
async def permissions(request: web.Request) -> web.Response:
    """No command has permissions of its own here."""
    _scope(request)
    nobody: list[Json] = []
    return answer(nobody)


def _keep(
    practice: Practice, guild_id: str | None, fields: Json, known: dict[tuple[str, int], Json]
) -> Json:
    world = practice.world
    old = known.get((fields["name"], fields["type"]))
    command: Json = {
        "id": old["id"] if old else world.ids.new(),
        "application_id": world.bot_id,
        "version": world.ids.new(),
        **fields,
    }
    if guild_id is not None:
        command["guild_id"] = guild_id
    if old and {**old, "version": ""} == {**command, "version": ""}:
        return old
    world.save("commands", command["id"], command)
    return command


def _check(body: Json, path: str) -> Json:
    kind = forms.integer(body, "type", 1, 4) or 1
    name = forms.text(body, "name", 1, 32, required=True) or ""
    if kind == 1 and (not _NAME.match(name) or name != name.lower()):
        message = "Command name is invalid"
        raise invalid_form({f"{path}name": ("APPLICATION_COMMAND_INVALID_NAME", message)})
    described = forms.text(body, "description", 1, 100, required=True) if kind == 1 else ""
    permissions = body.get("default_member_permissions")
    contexts = body.get("contexts")
    return {
        "type": kind,
        "name": name,
        "name_localizations": body.get("name_localizations"),
        "description": described,
        "description_localizations": body.get("description_localizations"),
        "options": _check_options(body.get("options") or [], f"{path}options"),
        "default_member_permissions": None if permissions is None else str(permissions),
        "dm_permission": body.get("dm_permission", True) if contexts is None else 1 in contexts,
        "default_permission": True,
        "contexts": contexts,
        "integration_types": body.get("integration_types") or [0],
        "nsfw": bool(body.get("nsfw")),
    }


def _check_options(options: object, path: str) -> list[Json]:
    if not isinstance(options, list) or len(options) > 25:
        message = "Must be 25 or fewer in length."
        raise invalid_form({path: ("BASE_TYPE_MAX_LENGTH", message)})
    optional_seen = False
    for index, option in enumerate(options):
        where = f"{path}.{index}"
        if not isinstance(option, dict) or option.get("type") not in range(1, 12):
            raise invalid_form({f"{where}.type": ("BASE_TYPE_CHOICES", "Unknown option type.")})
        name = option.get("name")
        if not isinstance(name, str) or not _NAME.match(name) or name != name.lower():
            message = "Command name is invalid"
            raise invalid_form({f"{where}.name": ("APPLICATION_COMMAND_INVALID_NAME", message)})
        if not 1 <= len(str(option.get("description") or "")) <= 100:
            message = "Must be between 1 and 100 in length."
            raise invalid_form({f"{where}.description": ("BASE_TYPE_BAD_LENGTH", message)})
        if option.get("required") and optional_seen:
            message = "Required options must be placed before non-required options"
            code = "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"
            raise invalid_form({f"{where}.required": (code, message)})
        optional_seen = optional_seen or not option.get("required")
        if option["type"] in (1, 2):
            optional_seen = False
            _check_options(option.get("options") or [], f"{where}.options")
    return options

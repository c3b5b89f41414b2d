"""Act as a member: commands, buttons, modals."""

from typing import Any

from aiohttp import web

from growmies_admin.practice import components, invoking, permissions, shapes
from growmies_admin.practice.context import Practice
from growmies_admin.practice.control.common import channel_of, member, read_body, text
from growmies_admin.practice.errors import ControlError, Json
from growmies_admin.practice.interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    MODAL_SUBMIT,
    Interaction,
)
from growmies_admin.practice.options import Options
from growmies_admin.practice.rest.common import answer

routes = web.RouteTableDef()

DEFAULT_CHANNEL = "general"
USER_MENU, MESSAGE_MENU = 2, 3


@routes.post("/practice/members/{user_id}/commands")
async def command(request: web.Request) -> web.Response:
    """Use a slash command, or a context menu with `target_id`; answers what the member sees."""
    practice, user_id = member(request)
    body = await read_body(request)
    channel = _channel(practice, body, user_id)
    found, data = _command_data(practice, user_id, channel, body)
    interaction = invoking.interact(practice, user_id, channel, COMMAND, data, name=found["name"])
    return answer(await invoking.outcome(practice, interaction))


@routes.post("/practice/members/{user_id}/autocomplete")
async def autocomplete(request: web.Request) -> web.Response:
    """Type into an option: `focused` names it; answers the bot's choices."""
    practice, user_id = member(request)
    body = await read_body(request)
    channel = _channel(practice, body, user_id)
    _, data = _command_data(practice, user_id, channel, body, partial=True)
    focused = text(body, "focused", most=32)
    leaf = data.get("options", [])
    while leaf and leaf[0]["type"] in (1, 2):
        leaf = leaf[0].get("options", [])
    for option in leaf:
        if option["name"] == focused:
            option["focused"] = True
    interaction = invoking.interact(practice, user_id, channel, AUTOCOMPLETE, data)
    result = await invoking.outcome(practice, interaction)
    return answer({"choices": result.get("choices", [])})


def _channel(practice: Practice, body: Json, user_id: str) -> Json:
    channel = channel_of(practice, body.get("channel", DEFAULT_CHANNEL), user_id)
    in_guild = channel["type"] != 1
    wanted = permissions.mask("USE_APPLICATION_COMMANDS")
    if in_guild and not practice.world.permissions(user_id, channel) & wanted:
        reason = "is timed out" if practice.world.is_timed_out(user_id) else "may not use commands"
        raise ControlError(403, f"This member {reason}.")
    return channel


def _command_data(
    practice: Practice, user_id: str, channel: Json, body: Json, *, partial: bool = False
) -> tuple[Json, Json]:
    name = text(body, "name", most=100).removeprefix("/")
    given: Any = body.get("options") or {}
    if not isinstance(given, dict):
        raise ControlError(400, "options must be an object of names and values.")
    found, words = _registered(practice, name)
    _check_allowed(practice, user_id, channel, found)
    data: Json = {"id": found["id"], "name": found["name"], "type": found["type"]}
    if found.get("guild_id"):
        data["guild_id"] = found["guild_id"]
    if found["type"] in (USER_MENU, MESSAGE_MENU):
        return found, data | _target(practice, channel, found, body)
    options = Options(practice, partial=partial)
    built = options.build(found["options"], words, given)
    if built:
        data["options"] = built
    if resolved := options.resolved():
        data["resolved"] = resolved
    return found, data


def _registered(practice: Practice, name: str) -> tuple[Json, list[str]]:
    # The guild's command hides the global one of the same name.
    commands = sorted(practice.world.table("commands").values(), key=lambda c: "guild_id" not in c)
    for command in commands:
        if command["name"] == name and command["type"] != 1:
            return command, []
    first, *words = name.split()
    for command in commands:
        if command["name"] == first and command["type"] == 1:
            return command, words
    raise ControlError(404, f"The bot has not registered a command /{name}.")


def _check_allowed(practice: Practice, user_id: str, channel: Json, found: Json) -> None:
    if channel["type"] == 1:
        if not found.get("dm_permission", True) or found.get("guild_id"):
            raise ControlError(403, f"/{found['name']} can't be used in direct messages.")
        return
    bits = practice.world.permissions(user_id, channel)
    if not permissions.may_use(bits, found.get("default_member_permissions")):
        raise ControlError(403, f"This member lacks the permissions for /{found['name']}.")


def _target(practice: Practice, channel: Json, found: Json, body: Json) -> Json:
    target_id = text(body, "target_id", most=20)
    if found["type"] == USER_MENU:
        if target_id not in practice.world.users:
            raise ControlError(404, f"There is no user {target_id}.")
        return {
            "target_id": target_id,
            "resolved": invoking.resolved_users(practice, [target_id]),
        }
    record = practice.world.messages(channel["id"]).get(target_id)
    if record is None:
        raise ControlError(404, f"There is no message {target_id} in this channel.")
    shape = shapes.message(practice.world, record)
    return {"target_id": target_id, "resolved": {"messages": {target_id: shape}}}


@routes.post("/practice/members/{user_id}/clicks")
async def click(request: web.Request) -> web.Response:
    """Press a button or choose in a select (`values`) on a message that the member sees."""
    practice, user_id = member(request)
    body = await read_body(request)
    custom_id = text(body, "custom_id", most=100)
    record, component = _component(practice, user_id, custom_id, body.get("message_id"))
    if component.get("disabled"):
        raise ControlError(409, "This button is disabled.")
    if practice.world.is_timed_out(user_id):
        raise ControlError(403, "This member is timed out.")
    data: Json = {
        "id": component["id"],
        "custom_id": custom_id,
        "component_type": component["type"],
    }
    if component["type"] in components.SELECTS:
        values = _values(component, body.get("values"))
        data["values"] = values
        if component["type"] in (5, 7):
            data["resolved"] = invoking.resolved_users(practice, values)
    channel = practice.world.channels[record["channel_id"]]
    interaction = invoking.interact(practice, user_id, channel, COMPONENT, data, source=record)
    return answer(await invoking.outcome(practice, interaction))


def _component(
    practice: Practice, user_id: str, custom_id: str, message_id: Any
) -> tuple[Json, Json]:
    world = practice.world
    seen = list(world.ephemerals_of(user_id))
    for channel in world.channels.values():
        mine = channel["type"] == 1 and channel["recipient_id"] == user_id
        if mine or (channel["type"] != 1 and world.may(user_id, "VIEW_CHANNEL", channel=channel)):
            seen += world.messages(channel["id"]).values()
    for record in sorted(seen, key=lambda m: int(m["id"]), reverse=True):
        if message_id is not None and record["id"] != str(message_id):
            continue
        component = components.find(record["components"], custom_id)
        # Every webhook here was made by the bot, so that its buttons come to the bot too.
        authors = (world.bot_id, *world.table("webhooks"))
        if component is not None and record.get("_author_id") in authors:
            return record, component
    raise ControlError(404, f"This member sees no button with custom_id {custom_id}.")


def _values(component: Json, values: Any) -> list[str]:
    if not isinstance(values, list):
        raise ControlError(400, "values must be the list of what is chosen.")
    chosen = [str(value) for value in values]
    low, high = component.get("min_values", 1), component.get("max_values", 1)
    if not low <= len(chosen) <= high:
        raise ControlError(400, f"Choose {low} to {high} values.")
    if component["type"] == components.STRING_SELECT:
        known = [option["value"] for option in component["options"]]
        if any(value not in known for value in chosen):
            raise ControlError(400, f"values must be among {', '.join(known)}.")
    return chosen


@routes.post("/practice/members/{user_id}/modals")
async def modal(request: web.Request) -> web.Response:
    """Fill in and send the modal that the bot opened for this member."""
    practice, user_id = member(request)
    body = await read_body(request)
    custom_id = text(body, "custom_id", most=100)
    values: Any = body.get("values") or {}
    if not isinstance(values, dict):
        raise ControlError(400, "values must be an object of custom ids and texts.")
    shown = practice.interactions.open_modals.get(user_id)
    if shown is None or shown["custom_id"] != custom_id:
        raise ControlError(404, f"No modal {custom_id} is open for this member.")
    data: Json = {
        "custom_id": custom_id,
        "components": [_filled(row, values) for row in shown["components"]],
        "resolved": {},
    }
    channel = practice.world.channels[shown["_channel_id"]]
    interaction = invoking.interact(
        practice,
        user_id,
        channel,
        MODAL_SUBMIT,
        data,
        source=shown["_source"],
        trigger=shown["_trigger"],
    )
    result = await _modal_outcome(practice, interaction, shown)
    return answer(result)


@routes.delete("/practice/members/{user_id}/modals")
async def dismiss(request: web.Request) -> web.Response:
    """Close the open modal without sending it; the bot hears nothing."""
    practice, user_id = member(request)
    practice.interactions.open_modals.pop(user_id, None)
    return answer({"modal": None})


async def _modal_outcome(practice: Practice, interaction: Interaction, shown: Json) -> Json:
    result = await invoking.outcome(practice, interaction)
    still_open = practice.interactions.open_modals.get(interaction.user_id) is shown
    # Discord keeps the modal open when the bot does not answer.
    if interaction.acknowledged and still_open:
        del practice.interactions.open_modals[interaction.user_id]
    return result


def _filled(row: Json, values: Json) -> Json:
    if row["type"] == components.LABEL:
        child = _field(row["component"], values, row.get("label", ""))
        return {"type": row["type"], "id": row["id"], "component": child}
    if row["type"] == components.ROW:
        children = [_field(child, values, child.get("label", "")) for child in row["components"]]
        return {"type": row["type"], "id": row["id"], "components": children}
    return {"type": row["type"], "id": row["id"]}


def _field(child: Json, values: Json, label: str) -> Json:
    kind, custom_id = child["type"], child["custom_id"]
    given = values.get(custom_id)
    required = child.get("required", True)
    filled: Json = {"type": kind, "id": child["id"], "custom_id": custom_id}
    if kind == components.TEXT_INPUT:
        value = str(given if given is not None else child.get("value") or "")
        low, high = child.get("min_length") or 0, child.get("max_length") or 4_000
        if required and not value:
            raise ControlError(400, f"{label or custom_id} must be filled in.")
        if value and not low <= len(value) <= high:
            raise ControlError(400, f"{label or custom_id} must have {low} to {high} characters.")
        return filled | {"value": value}
    if kind == components.FILE_UPLOAD:
        if required:
            raise ControlError(400, "Files can't be given to modals here.")
        return filled | {"values": []}
    chosen = given if isinstance(given, list) else [] if given is None else [given]
    if required and not chosen:
        raise ControlError(400, f"{label or custom_id} must be chosen.")
    return filled | {"values": [str(value) for value in chosen]}

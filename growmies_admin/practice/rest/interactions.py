"""The bot answers interactions: the callback, once and within three seconds."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from growmies_admin.practice import components, drafts, forms, shapes
from growmies_admin.practice.acts import messages
from growmies_admin.practice.context import Practice, practice_of
from growmies_admin.practice.errors import ApiError, Json, invalid_form, not_found
from growmies_admin.practice.forms import Upload
from growmies_admin.practice.interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    MODAL_SUBMIT,
    Interaction,
)
from growmies_admin.practice.rest.common import answer, nothing

routes = web.RouteTableDef()

MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
_ALLOWED = {
    MESSAGE: (COMMAND, COMPONENT, MODAL_SUBMIT),
    DEFERRED: (COMMAND, COMPONENT, MODAL_SUBMIT),
    DEFERRED_UPDATE: (COMPONENT, MODAL_SUBMIT),
    UPDATE: (COMPONENT, MODAL_SUBMIT),
    CHOICES: (AUTOCOMPLETE,),
    MODAL: (COMMAND, COMPONENT),
}


@routes.post(
    "/interactions/{interaction_id}/{token}/callback", name="practice_without_bot_callback"
)
async def callback(request: web.Request) -> web.Response:
    """Answer an interaction. 404/10062 when late or unknown, 400/40060 the second time."""
    practice = practice_of(request)
    interaction_id = forms.path_id(request, "interaction_id")
    interaction = practice.interactions.find(request.match_info["token"])
    if interaction is None or interaction.id != interaction_id:
        raise not_found(10062)
    body, uploads = await forms.read_with_files(request)
    if interaction.acknowledged:
        raise ApiError(400, 40060)
    if interaction.age_seconds() > practice.config.answer_deadline_seconds:
        raise not_found(10062)
    kind = forms.integer(body, "type", 1, 20)
    if kind is None:
        raise forms.required_field("type")
    if interaction.kind not in _ALLOWED.get(kind, ()):
        allowed = tuple(k for k, kinds in _ALLOWED.items() if interaction.kind in kinds)
        raise invalid_form({"type": ("BASE_TYPE_CHOICES", f"Value must be one of {allowed}.")})
    data = body.get("data") or {}
    if not isinstance(data, dict):
        raise invalid_form({"data": ("DICT_TYPE_CONVERT", "Only dictionaries may be used")})
    _ANSWERS[kind](practice, interaction, data, uploads)
    interaction.acknowledged = kind
    if request.query.get("with_response", "").lower() not in ("true", "1"):
        return nothing()
    return answer(_response(practice, interaction, kind))


def _response(practice: Practice, interaction: Interaction, kind: int) -> Json:
    original = interaction.original if kind in (MESSAGE, DEFERRED, UPDATE) else None
    about: Json = {
        "id": interaction.id,
        "type": interaction.kind,
        "channel_id": interaction.channel_id,
    }
    if practice.world.channels[interaction.channel_id]["type"] != 1:
        about["guild_id"] = practice.world.guild_id
    response: Json = {"interaction": about}
    if original is not None:
        about |= {
            "response_message_id": original["id"],
            "response_message_loading": interaction.is_loading,
            "response_message_ephemeral": bool(original["flags"] & messages.EPHEMERAL),
        }
        response["resource"] = {"type": kind, "message": shapes.message(practice.world, original)}
    elif kind == MODAL:
        response["resource"] = {"type": kind}
    return response


def reply(practice: Practice, interaction: Interaction, draft: Json) -> Json:
    """Publish a message as an answer to an interaction, or as a follow-up to its first answer."""
    world = practice.world
    interaction.is_ephemeral = bool(draft.get("flags", 0) & messages.EPHEMERAL)
    about = metadata(practice, interaction)
    answers_to = interaction.source
    draft |= {
        "webhook_id": world.bot_id,
        "application_id": world.bot_id,
        "_for": interaction.user_id,
        "_interaction_id": interaction.id,
        "interaction_metadata": about,
    }
    if interaction.acknowledged and interaction.original is not None:
        answers_to = interaction.original
        about["original_response_message_id"] = answers_to["id"]
    elif interaction.kind == COMMAND:
        draft["type"] = 20 if interaction.command_type == 1 else 23
        keys = ("id", "type", "name", "user")
        draft["interaction"] = {key: about[key] for key in keys}
    if answers_to is not None:
        draft["type"] = 19
        draft["message_reference"] = {
            "type": 0,
            "channel_id": answers_to["channel_id"],
            "message_id": answers_to["id"],
            "guild_id": world.guild_id,
        }
    record = messages.compose(practice, interaction.channel_id, world.bot_id, draft)
    return messages.publish(practice, record)


def metadata(practice: Practice, interaction: Interaction) -> Json:
    """Message interaction metadata, with the fields of the interaction's kind."""
    about: Json = {
        "id": interaction.id,
        "type": interaction.kind,
        "user": shapes.user(practice.world, interaction.user_id),
        "authorizing_integration_owners": {"0": practice.world.guild_id},
    }
    if interaction.kind == COMMAND:
        about |= {"name": interaction.name, "command_type": interaction.command_type}
    if interaction.kind == COMPONENT and interaction.source is not None:
        about["interacted_message_id"] = interaction.source["id"]
    if interaction.kind == MODAL_SUBMIT:
        about["triggering_interaction_metadata"] = interaction.trigger
    return about


def _message(p: Practice, interaction: Interaction, data: Json, uploads: list[Upload]) -> None:
    draft = drafts.check(p, data, uploads)
    interaction.original = reply(p, interaction, draft)
    interaction.answers.put_nowait({"message": interaction.original})


def _defer(p: Practice, interaction: Interaction, data: Json, uploads: list[Upload]) -> None:
    flags = forms.integer(data, "flags", 0, 2**31 - 1) or 0
    interaction.is_loading = True
    draft = {"flags": flags & messages.EPHEMERAL | messages.LOADING}
    interaction.original = reply(p, interaction, draft)
    interaction.answers.put_nowait({"deferred": True})


def _defer_update(p: Practice, interaction: Interaction, data: Json, uploads: list[Upload]) -> None:
    interaction.original = interaction.source
    interaction.answers.put_nowait({"deferred": False})


def _update(p: Practice, interaction: Interaction, data: Json, uploads: list[Upload]) -> None:
    if interaction.source is None:
        raise invalid_form({"type": ("BASE_TYPE_CHOICES", "There is no message to update.")})
    fields = drafts.check(p, data, uploads, edit=True)
    fields.pop("flags", None)
    interaction.original = messages.edit(p, interaction.source, fields)
    interaction.answers.put_nowait({"message": interaction.original})


def _choices(p: Practice, interaction: Interaction, data: Json, uploads: list[Upload]) -> None:
    choices = data.get("choices")
    if not isinstance(choices, list) or len(choices) > 25:
        message = "Must be 25 or fewer in length."
        raise invalid_form({"data.choices": ("BASE_TYPE_MAX_LENGTH", message)})
    interaction.answers.put_nowait({"choices": choices})


def _modal(p: Practice, interaction: Interaction, data: Json, uploads: list[Upload]) -> None:
    modal = components.check_modal(data)
    modal["components"] = messages.number_components(modal["components"])
    shown = modal | {
        "_source": interaction.source,
        "_channel_id": interaction.channel_id,
        "_trigger": metadata(p, interaction),
    }
    p.interactions.open_modals[interaction.user_id] = shown
    interaction.answers.put_nowait({"modal": modal})


_ANSWERS: dict[int, Callable[[Practice, Interaction, Json, list[Upload]], Any]] = {
    MESSAGE: _message,
    DEFERRED: _defer,
    DEFERRED_UPDATE: _defer_update,
    UPDATE: _update,
    CHOICES: _choices,
    MODAL: _modal,
}

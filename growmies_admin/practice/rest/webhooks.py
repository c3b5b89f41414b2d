"""Webhooks: follow-ups of interactions, and webhooks of channels."""

import secrets

from aiohttp import web

from growmies_admin.practice import audit, drafts, forms, shapes
from growmies_admin.practice.acts import messages
from growmies_admin.practice.context import Practice, practice_of
from growmies_admin.practice.errors import ApiError, Json, not_found
from growmies_admin.practice.interactions import Interaction
from growmies_admin.practice.rest.common import (
    answer,
    in_guild,
    nothing,
    require,
    visible_channel,
)
from growmies_admin.practice.rest.interactions import reply

routes = web.RouteTableDef()

EXECUTE = "/webhooks/{webhook_id}/{token}"


@routes.post(EXECUTE, name="practice_without_bot_execute")
async def execute(request: web.Request) -> web.Response:
    """Send through a webhook, or follow up on an interaction (always with the message)."""
    practice = practice_of(request)
    body, uploads = await forms.read_with_files(request)
    draft = drafts.check(practice, body, uploads)
    interaction = _interaction(request)
    if interaction is not None:
        record = _follow_up(practice, interaction, draft)
        return answer(shapes.message(practice.world, record))
    webhook = _webhook(request)
    author = {
        "id": webhook["id"],
        "username": forms.text(body, "username", 1, 80) or webhook["name"],
        "discriminator": "0000",
        "global_name": None,
        "avatar": None,
        "bot": True,
        "public_flags": 0,
        "flags": 0,
    }
    draft |= {
        "webhook_id": webhook["id"],
        "application_id": practice.world.bot_id,
        "author": author,
    }
    draft["flags"] = draft.get("flags", 0) & ~messages.EPHEMERAL
    record = messages.compose(practice, webhook["channel_id"], webhook["id"], draft)
    messages.publish(practice, record)
    if request.query.get("wait", "").lower() not in ("true", "1"):
        return nothing()
    return answer(shapes.message(practice.world, record))


def _follow_up(practice: Practice, interaction: Interaction, draft: Json) -> Json:
    if interaction.is_loading and interaction.original is not None:
        # The first follow-up takes the place of the "thinking" message, and its visibility.
        draft.pop("flags", None)
        return _finish_loading(practice, interaction, draft)
    record = reply(practice, interaction, draft)
    interaction.answers.put_nowait({"message": record})
    return record


def _finish_loading(practice: Practice, interaction: Interaction, fields: Json) -> Json:
    original = interaction.original
    if original is None:
        raise not_found(10008)
    interaction.is_loading = False
    original["flags"] &= ~messages.LOADING
    messages.edit(practice, original, fields)
    interaction.answers.put_nowait({"message": original})
    return original


def _interaction(request: web.Request) -> Interaction | None:
    practice = practice_of(request)
    if forms.path_id(request, "webhook_id") != practice.world.bot_id:
        return None
    interaction = practice.interactions.find(request.match_info["token"])
    if interaction is None or not interaction.acknowledged:
        raise not_found(10015)
    return interaction


def _webhook(request: web.Request) -> Json:
    practice = practice_of(request)
    webhook_id = forms.path_id(request, "webhook_id")
    webhook: Json | None = practice.world.table("webhooks").get(webhook_id)
    if webhook is None:
        raise not_found(10015)
    token = request.match_info.get("token")
    if token is not None and not secrets.compare_digest(token, webhook["token"]):
        raise ApiError(401, 50027)
    return webhook


def _sent(request: web.Request) -> tuple[Practice, Interaction | None, Json]:
    practice = practice_of(request)
    interaction = _interaction(request)
    wanted = request.match_info["message_id"]
    if interaction is not None and wanted == "@original":
        original = interaction.original
        if original is None or not _exists(practice, original):
            raise not_found(10008)
        return practice, interaction, original
    message_id = forms.path_id(request, "message_id")
    if interaction is not None:
        for record in practice.world.ephemerals_of(interaction.user_id):
            if record["id"] == message_id:
                return practice, interaction, record
        found = practice.world.message(interaction.channel_id, message_id)
        if found.get("webhook_id") != practice.world.bot_id:
            raise not_found(10008)
        return practice, interaction, found
    webhook = _webhook(request)
    found = practice.world.message(webhook["channel_id"], message_id)
    if found.get("webhook_id") != webhook["id"]:
        raise not_found(10008)
    return practice, None, found


def _exists(practice: Practice, record: Json) -> bool:
    kept = practice.world.messages(record["channel_id"])
    return record["id"] in kept or record["id"] in practice.world.table("ephemerals")


@routes.get(EXECUTE + "/messages/{message_id}", name="practice_without_bot_message")
async def show_message(request: web.Request) -> web.Response:
    """A message that was sent through the webhook; `@original` is the first answer."""
    practice, _, record = _sent(request)
    return answer(shapes.message(practice.world, record))


@routes.patch(EXECUTE + "/messages/{message_id}", name="practice_without_bot_edit")
async def edit_message(request: web.Request) -> web.Response:
    """Change such a message; a deferred answer appears this way."""
    practice, interaction, record = _sent(request)
    body, uploads = await forms.read_with_files(request)
    fields = drafts.check(practice, body, uploads, edit=True)
    fields.pop("flags", None)
    if interaction is not None and record is interaction.original and interaction.is_loading:
        record = _finish_loading(practice, interaction, fields)
    else:
        record = messages.edit(practice, record, fields)
        if interaction is not None:
            interaction.answers.put_nowait({"message": record})
    return answer(shapes.message(practice.world, record))


@routes.delete(EXECUTE + "/messages/{message_id}", name="practice_without_bot_delete")
async def delete_message(request: web.Request) -> web.Response:
    """Remove such a message."""
    practice, _, record = _sent(request)
    messages.delete(practice, record, actor_id=None)
    return nothing()


def _shape(practice: Practice, webhook: Json) -> Json:
    return {
        "type": 1,
        "avatar": None,
        "guild_id": practice.world.guild_id,
        "application_id": practice.world.bot_id,
        "user": shapes.user(practice.world, practice.world.bot_id),
        "url": f"{practice.webhook_url}/{webhook['id']}/{webhook['token']}",
        **webhook,
    }


@routes.post("/channels/{channel_id}/webhooks")
async def create(request: web.Request) -> web.Response:
    """A webhook of a channel."""
    practice, channel = visible_channel(request)
    require(practice, "MANAGE_WEBHOOKS", channel=channel)
    name = forms.text(await forms.read_object(request), "name", 1, 80, required=True)
    webhook = {
        "id": practice.world.ids.new(),
        "channel_id": channel["id"],
        "name": name,
        "token": secrets.token_urlsafe(51),
    }
    practice.world.save("webhooks", webhook["id"] or "", webhook)
    _announce(practice, webhook, audit.WEBHOOK_CREATE, forms.reason_of(request))
    return answer(_shape(practice, webhook))


@routes.get("/channels/{channel_id}/webhooks")
async def of_channel(request: web.Request) -> web.Response:
    """A channel's webhooks."""
    practice, channel = visible_channel(request)
    require(practice, "MANAGE_WEBHOOKS", channel=channel)
    kept = practice.world.table("webhooks").values()
    return answer([_shape(practice, w) for w in kept if w["channel_id"] == channel["id"]])


@routes.get("/guilds/{guild_id}/webhooks")
async def of_guild(request: web.Request) -> web.Response:
    """All webhooks."""
    practice = in_guild(request)
    require(practice, "MANAGE_WEBHOOKS")
    return answer([_shape(practice, w) for w in practice.world.table("webhooks").values()])


@routes.get("/webhooks/{webhook_id}")
@routes.get(EXECUTE, name="practice_without_bot_webhook")
async def show(request: web.Request) -> web.Response:
    """One webhook; with its token no authorisation is needed."""
    practice = practice_of(request)
    webhook = _webhook(request)
    if "token" not in request.match_info:
        require(practice, "MANAGE_WEBHOOKS")
    return answer(_shape(practice, webhook))


@routes.delete("/webhooks/{webhook_id}")
@routes.delete(EXECUTE, name="practice_without_bot_remove")
async def delete(request: web.Request) -> web.Response:
    """Remove a webhook."""
    practice = practice_of(request)
    webhook = _webhook(request)
    if "token" not in request.match_info:
        require(practice, "MANAGE_WEBHOOKS")
    practice.world.remove("webhooks", webhook["id"])
    _announce(practice, webhook, audit.WEBHOOK_DELETE, forms.reason_of(request))
    return nothing()


def _announce(practice: Practice, webhook: Json, action: int, reason: str | None) -> None:
    world = practice.world
    event = {"guild_id": world.guild_id, "channel_id": webhook["channel_id"]}
    practice.dispatch("WEBHOOKS_UPDATE", event)
    audit.record(
        practice,
        action,
        actor_id=world.bot_id,
        target_id=webhook["id"],
        changes=[audit.change("name", None, webhook["name"])],
        reason=reason,
    )

"""A member acts on the bot: the INTERACTION_CREATE event, and what the member then sees."""

import asyncio

from growmies_admin.practice import shapes
from growmies_admin.practice.acts import messages
from growmies_admin.practice.context import Practice
from growmies_admin.practice.errors import Json
from growmies_admin.practice.interactions import Interaction

NO_ANSWER = "The application did not respond"
DEFERRED_PATIENCE_SECONDS = 10.0
UPDATE_PATIENCE_SECONDS = 3.0


def interact(
    practice: Practice,
    user_id: str,
    channel: Json,
    kind: int,
    data: Json,
    *,
    name: str = "",
    source: Json | None = None,
    trigger: Json | None = None,
) -> Interaction:
    """Send an interaction to the bot."""
    world = practice.world
    interaction = Interaction(
        world.ids.new(),
        kind,
        user_id,
        channel["id"],
        name=name,
        command_type=data.get("type", 1),
        source=source,
        trigger=trigger,
    )
    practice.interactions.add(interaction)
    in_guild = channel["type"] != 1
    event: Json = {
        "id": interaction.id,
        "application_id": world.bot_id,
        "type": kind,
        "data": data,
        "channel": _channel(practice, channel, user_id),
        "channel_id": channel["id"],
        "token": interaction.token,
        "version": 1,
        "locale": "en-US",
        "app_permissions": str(world.permissions(world.bot_id, channel if in_guild else None)),
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": {"0": world.guild_id if in_guild else "0"},
        "context": 0 if in_guild else 1,
        "attachment_size_limit": 10 << 20,
    }
    if in_guild:
        event |= {
            "guild_id": world.guild_id,
            "guild": {"id": world.guild_id, "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "member": _member(practice, user_id, channel),
        }
    else:
        event["user"] = shapes.user(world, user_id)
    if source is not None:
        event["message"] = shapes.message(world, source)
    practice.dispatch("INTERACTION_CREATE", event, in_guild=in_guild)
    return interaction


def _channel(practice: Practice, channel: Json, user_id: str) -> Json:
    shape = shapes.channel(practice.world, channel)
    if channel["type"] != 1:
        shape["permissions"] = str(practice.world.permissions(user_id, channel))
    return shape


def _member(practice: Practice, user_id: str, channel: Json) -> Json:
    bits = practice.world.permissions(user_id, channel)
    return shapes.member(practice.world, user_id) | {"permissions": str(bits)}


def resolved_users(practice: Practice, user_ids: list[str]) -> Json:
    """`resolved` of users, and of those who are members without their user part."""
    world = practice.world
    members = {}
    for user_id in user_ids:
        if user_id in world.members:
            member = shapes.member(world, user_id, with_user=False)
            for key in ("deaf", "mute"):
                member.pop(key)
            members[user_id] = member | {"permissions": str(world.permissions(user_id))}
    return {"users": {u: shapes.user(world, u) for u in user_ids}, "members": members}


async def outcome(practice: Practice, interaction: Interaction) -> Json:
    """What the member sees: `responses`, and `modal` or `choices` when there are such.

    Waits for the bot's first answer as long as Discord does, and for a deferred one longer.
    """
    deadline = practice.config.answer_deadline_seconds
    first = await _next(interaction, deadline - interaction.age_seconds())
    if first is None:
        return {"responses": [unanswered()]}
    if "deferred" in first:
        patience = DEFERRED_PATIENCE_SECONDS if first["deferred"] else UPDATE_PATIENCE_SECONDS
        later = await _next(interaction, patience)
        if later is None and first["deferred"]:
            return {"responses": [unanswered()]}
        first = later or {}
    if "message" in first:
        return {"responses": [visible(first["message"])]}
    if "modal" in first:
        return {"responses": [], "modal": first["modal"]}
    return {"responses": [], **({"choices": first["choices"]} if "choices" in first else {})}


async def _next(interaction: Interaction, seconds: float) -> Json | None:
    try:
        return await asyncio.wait_for(interaction.answers.get(), max(seconds, 0.001))
    except TimeoutError:
        return None


def visible(record: Json) -> Json:
    """An answer as the control surface shows it."""
    return {
        "id": record["id"],
        "content": record["content"],
        "embeds": record["embeds"],
        "components": record["components"],
        "ephemeral": bool(record["flags"] & messages.EPHEMERAL),
    }


def unanswered() -> Json:
    """What Discord's client shows when the bot says nothing in time."""
    return {"content": NO_ANSWER, "embeds": [], "components": [], "ephemeral": True}

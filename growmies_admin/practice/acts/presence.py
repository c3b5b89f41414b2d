"""Who is online, and who sits in which voice channel."""

import secrets

from growmies_admin.practice import shapes
from growmies_admin.practice.context import Practice
from growmies_admin.practice.errors import Json

STATUSES = ("online", "idle", "dnd", "offline")


def set_presence(
    practice: Practice, user_id: str, status: str, activities: list[Json] | None = None
) -> None:
    """A member's status changes; "offline" and "invisible" are one thing to others."""
    world = practice.world
    if status in ("offline", "invisible"):
        if user_id in world.table("presences"):
            world.remove("presences", user_id)
    else:
        kept = {
            "status": status,
            "client_status": {"web" if world.users[user_id]["bot"] else "desktop": status},
            "activities": activities or [],
        }
        world.save("presences", user_id, kept)
    practice.dispatch("PRESENCE_UPDATE", shapes.presence(world, user_id))


def set_own(practice: Practice, data: Json) -> None:
    """Op 3, or the presence in IDENTIFY: the bot's own status; nonsense is ignored."""
    status = data.get("status") or "online"
    activities = data.get("activities")
    if status not in (*STATUSES, "invisible"):
        return
    kept = [a for a in activities if isinstance(a, dict)] if isinstance(activities, list) else []
    set_presence(practice, practice.world.bot_id, status, kept)


def begin_own(practice: Practice, data: object) -> None:
    """IDENTIFY: the bot is online, or what it says; other sessions hear only of a change."""
    if isinstance(data, dict):
        set_own(practice, data)
    elif practice.world.bot_id not in practice.world.table("presences"):
        set_own(practice, {})


def set_voice(practice: Practice, user_id: str, channel_id: str | None) -> None:
    """A member enters a voice channel, moves to it, or hangs up (None)."""
    world = practice.world
    kept = world.table("voice").get(user_id)
    session_id = kept["session_id"] if kept else secrets.token_hex(16)
    if channel_id is None:
        if kept is not None:
            world.remove("voice", user_id)
    else:
        world.save("voice", user_id, {"channel_id": channel_id, "session_id": session_id})
    event = shapes.voice_state(world, user_id) | {"session_id": session_id}
    practice.dispatch("VOICE_STATE_UPDATE", event)


def set_own_voice(practice: Practice, data: Json) -> None:
    """Op 4: the bot enters or leaves a voice channel; no sound is carried."""
    channel_id = data.get("channel_id")
    world = practice.world
    if channel_id is not None and str(channel_id) not in world.channels:
        return
    set_voice(practice, world.bot_id, None if channel_id is None else str(channel_id))

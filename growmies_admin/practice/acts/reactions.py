"""Reactions on messages."""

from growmies_admin.practice import shapes
from growmies_admin.practice.context import Practice
from growmies_admin.practice.errors import Json


def parse_emoji(text: str) -> Json:
    """The emoji of a REST path: a character, or `name:id` of a custom one."""
    if ":" in text:
        name, _, emoji_id = text.rpartition(":")
        return {"id": emoji_id, "name": name.removeprefix("a:")}
    return {"id": None, "name": text}


def _entry(record: Json, emoji: Json) -> Json | None:
    for entry in record.get("_reactions", []):
        same_id = entry["emoji"]["id"] == emoji["id"]
        if same_id and (emoji["id"] is not None or entry["emoji"]["name"] == emoji["name"]):
            found: Json = entry
            return found
    return None


def people(record: Json, emoji: Json) -> list[str]:
    """Who reacted with this emoji."""
    entry = _entry(record, emoji)
    return list(entry["user_ids"]) if entry else []


def add(practice: Practice, record: Json, user_id: str, emoji: Json) -> None:
    """A user reacts; a second time changes nothing."""
    world = practice.world
    entry = _entry(record, emoji)
    if entry is None:
        entry = {"emoji": emoji, "user_ids": []}
        record.setdefault("_reactions", []).append(entry)
    if user_id in entry["user_ids"]:
        return
    entry["user_ids"].append(user_id)
    world.save("messages", record["id"], record)
    event = _event(practice, record, emoji) | {
        "user_id": user_id,
        "message_author_id": record["_author_id"],
        "burst": False,
        "type": 0,
    }
    if "guild_id" in event and user_id in world.members:
        event["member"] = shapes.member(world, user_id)
    practice.dispatch("MESSAGE_REACTION_ADD", event, in_guild="guild_id" in event)


def remove(practice: Practice, record: Json, user_id: str, emoji: Json) -> None:
    """A user's reaction is taken back; one that isn't there is no error."""
    entry = _entry(record, emoji)
    if entry is None or user_id not in entry["user_ids"]:
        return
    entry["user_ids"].remove(user_id)
    if not entry["user_ids"]:
        record["_reactions"].remove(entry)
    practice.world.save("messages", record["id"], record)
    event = _event(practice, record, emoji) | {"user_id": user_id, "burst": False, "type": 0}
    practice.dispatch("MESSAGE_REACTION_REMOVE", event, in_guild="guild_id" in event)


def clear(practice: Practice, record: Json, emoji: Json | None = None) -> None:
    """All reactions of a message, or all with one emoji, are removed."""
    if emoji is None:
        record["_reactions"] = []
    elif (entry := _entry(record, emoji)) is not None:
        record["_reactions"].remove(entry)
    practice.world.save("messages", record["id"], record)
    event = _event(practice, record, emoji)
    kind = "MESSAGE_REACTION_REMOVE_ALL" if emoji is None else "MESSAGE_REACTION_REMOVE_EMOJI"
    practice.dispatch(kind, event)


def _event(practice: Practice, record: Json, emoji: Json | None) -> Json:
    event: Json = {"channel_id": record["channel_id"], "message_id": record["id"]}
    if practice.world.channels[record["channel_id"]]["type"] != 1:
        event["guild_id"] = practice.world.guild_id
    if emoji is not None:
        event["emoji"] = emoji
    return event

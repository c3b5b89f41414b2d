"""Messages are written, changed, removed and reacted to."""

import re
from datetime import datetime, timedelta

from growmies_admin.practice import audit, shapes
from growmies_admin.practice.context import Practice
from growmies_admin.practice.errors import Json
from growmies_admin.practice.state import iso, now

EPHEMERAL = 1 << 6
LOADING = 1 << 7
NONCE_WINDOW = timedelta(minutes=5)

_MENTION = re.compile(r"<@!?(\d{1,20})>")
_ROLE_MENTION = re.compile(r"<@&(\d{1,20})>")


def compose(practice: Practice, channel_id: str, author_id: str | None, draft: Json) -> Json:
    """A complete message record from checked fields (`draft`); nothing is kept or sent yet."""
    world = practice.world
    content = draft.get("content") or ""
    record: Json = {
        "id": world.ids.new(),
        "channel_id": channel_id,
        "type": 0,
        "content": content,
        "timestamp": iso(now()),
        "edited_timestamp": None,
        "tts": bool(draft.get("tts")),
        "mention_everyone": "@everyone" in content or "@here" in content,
        "mention_roles": [r for r in _ROLE_MENTION.findall(content) if r in world.roles],
        "attachments": draft.get("attachments") or [],
        "embeds": draft.get("embeds") or [],
        "components": number_components(draft.get("components") or []),
        "pinned": False,
        "flags": int(draft.get("flags") or 0),
        "_author_id": author_id,
        "_mention_ids": list(dict.fromkeys(_MENTION.findall(content))),
    }
    for key in ("nonce", "message_reference", "type", "webhook_id", "application_id", "author"):
        if draft.get(key) is not None:
            record[key] = draft[key]
    for key in ("interaction_metadata", "interaction", "_for", "_interaction_id"):
        if draft.get(key) is not None:
            record[key] = draft[key]
    return record


def publish(practice: Practice, record: Json) -> Json:
    """Keep a message and announce it; an ephemeral one is kept for its reader only."""
    world = practice.world
    if record["flags"] & EPHEMERAL:
        world.add_ephemeral(record)
        return record
    world.add_message(record)
    channel = world.channels[record["channel_id"]]
    channel["last_message_id"] = record["id"]
    world.save("channels", channel["id"], channel)
    if channel["type"] == 1 and record["_author_id"] == world.bot_id:
        world.count(f"dms/{channel['recipient_id']}")
    _announce(practice, "MESSAGE_CREATE", record)
    return record


def _announce(practice: Practice, event: str, record: Json) -> None:
    world = practice.world
    bot = world.bot_id
    practice.hub.dispatch(
        event,
        shapes.message_event(world, record),
        in_guild=world.channels[record["channel_id"]]["type"] != 1,
        content_for_all=record["_author_id"] == bot or bot in record["_mention_ids"],
    )


def with_nonce(practice: Practice, channel_id: str, author_id: str, nonce: object) -> Json | None:
    """The author's message of the last minutes that carried this nonce."""
    limit = now() - NONCE_WINDOW
    for record in reversed(list(practice.world.messages(channel_id).values())):
        if datetime.fromisoformat(record["timestamp"]) < limit:
            return None
        if record.get("_author_id") == author_id and str(record.get("nonce")) == str(nonce):
            return record
    return None


def edit(practice: Practice, record: Json, fields: Json) -> Json:
    """Change a message and announce it."""
    changed = {key: value for key, value in fields.items() if value is not None}
    for key in ("content", "embeds", "components", "attachments"):
        if key in fields and fields[key] is None:
            changed[key] = "" if key == "content" else []
    if "components" in changed:
        changed["components"] = number_components(changed["components"])
    if "content" in changed:
        changed["_mention_ids"] = list(dict.fromkeys(_MENTION.findall(changed["content"])))
    record.update(changed)
    record["edited_timestamp"] = iso(now())
    if record["flags"] & EPHEMERAL:
        practice.world.save("ephemerals", record["id"], record)
        return record
    practice.world.save("messages", record["id"], record)
    _announce(practice, "MESSAGE_UPDATE", record)
    return record


def delete(
    practice: Practice, record: Json, *, actor_id: str | None, reason: str | None = None
) -> None:
    """Remove a message; somebody else's leaves an audit entry."""
    world = practice.world
    if record["flags"] & EPHEMERAL:
        world.remove("ephemerals", record["id"])
        return
    world.drop_message(record)
    where: Json = {"id": record["id"], "channel_id": record["channel_id"]}
    in_guild = world.channels[record["channel_id"]]["type"] != 1
    if in_guild:
        where["guild_id"] = world.guild_id
    practice.dispatch("MESSAGE_DELETE", where, in_guild=in_guild)
    author_id = record.get("_author_id")
    if in_guild and actor_id is not None and author_id is not None and author_id != actor_id:
        audit.record(
            practice,
            audit.MESSAGE_DELETE,
            actor_id=actor_id,
            target_id=author_id,
            options={"channel_id": record["channel_id"], "count": "1"},
            reason=reason,
        )


def delete_many(
    practice: Practice, channel_id: str, ids: list[str], *, actor_id: str, reason: str | None
) -> None:
    """Remove messages of one guild channel at once; unknown ids are passed over."""
    world = practice.world
    known = [message_id for message_id in ids if message_id in world.messages(channel_id)]
    for message_id in known:
        world.drop_message(world.messages(channel_id)[message_id])
    event = {"ids": known, "channel_id": channel_id, "guild_id": world.guild_id}
    practice.dispatch("MESSAGE_DELETE_BULK", event)
    audit.record(
        practice,
        audit.MESSAGE_BULK_DELETE,
        actor_id=actor_id,
        target_id=channel_id,
        options={"count": str(len(known))},
        reason=reason,
    )


def number_components(components: list[Json]) -> list[Json]:
    """Give each component the id that Discord gives, where the sender gave none."""
    last = 0

    def number(component: Json) -> Json:
        nonlocal last
        last += 1
        numbered = dict(component)
        numbered.setdefault("id", last)
        if isinstance(numbered.get("components"), list):
            numbered["components"] = [number(child) for child in numbered["components"]]
        for key in ("accessory", "component"):
            if isinstance(numbered.get(key), dict):
                numbered[key] = number(numbered[key])
        return numbered

    return [number(component) for component in components]

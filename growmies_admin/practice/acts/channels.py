"""Channels, threads and direct channels are opened, changed and closed."""

from growmies_admin.practice import audit, seed, shapes
from growmies_admin.practice.context import Practice
from growmies_admin.practice.errors import Json
from growmies_admin.practice.state import iso, now


def open_dm(practice: Practice, user_id: str) -> Json:
    """The bot's direct channel with a user; always the same one."""
    world = practice.world
    kept = world.dm_channel(user_id)
    if kept is None:
        kept = {
            "id": world.ids.new(),
            "type": 1,
            "recipient_id": user_id,
            "last_message_id": None,
            "flags": 0,
        }
        world.save("channels", kept["id"], kept)
    return kept


def create(practice: Practice, fields: Json, *, actor_id: str, reason: str | None) -> Json:
    """A new guild channel from checked fields (name and type among them)."""
    world = practice.world
    position = sum(1 for c in world.guild_channels() if c["type"] == fields["type"])
    channel_id = world.ids.new()
    record = seed.channel_record(channel_id, fields["name"], fields["type"], position) | fields
    world.save("channels", channel_id, record)
    practice.dispatch("CHANNEL_CREATE", shapes.channel(world, record))
    _audit(practice, audit.CHANNEL_CREATE, record, "new_value", actor_id, reason)
    return record


def create_thread(
    practice: Practice, parent: Json, name: str, *, thread_id: str | None, owner_id: str
) -> Json:
    """A public thread below a channel, on a message when `thread_id` is that message's id."""
    world = practice.world
    record: Json = {
        "id": thread_id or world.ids.new(),
        "type": 11,
        "name": name,
        "parent_id": parent["id"],
        "owner_id": owner_id,
        "last_message_id": None,
        "flags": 0,
        "rate_limit_per_user": 0,
        "message_count": 0,
        "member_count": 1,
        "total_message_sent": 0,
        "thread_metadata": {
            "archived": False,
            "archive_timestamp": iso(now()),
            "auto_archive_duration": 1440,
            "locked": False,
            "create_timestamp": iso(now()),
        },
    }
    world.save("channels", record["id"], record)
    event = shapes.channel(world, record) | {"newly_created": True}
    practice.dispatch("THREAD_CREATE", event)
    return record


def update(
    practice: Practice, record: Json, fields: Json, *, actor_id: str | None, reason: str | None
) -> Json:
    """Change a channel or a thread."""
    world = practice.world
    changes = [
        audit.change(key, record.get(key), value)
        for key, value in fields.items()
        if record.get(key) != value
    ]
    record.update(fields)
    world.save("channels", record["id"], record)
    is_thread = record["type"] in (10, 11, 12)
    event = "THREAD_UPDATE" if is_thread else "CHANNEL_UPDATE"
    practice.dispatch(event, shapes.channel(world, record))
    if changes and not is_thread:
        audit.record(
            practice,
            audit.CHANNEL_UPDATE,
            actor_id=actor_id,
            target_id=record["id"],
            changes=changes,
            reason=reason,
        )
    return record


def delete(practice: Practice, record: Json, *, actor_id: str, reason: str | None) -> None:
    """Delete a channel or thread with its messages."""
    world = practice.world
    for message in list(world.messages(record["id"]).values()):
        world.drop_message(message)
    shape = shapes.channel(world, record)
    world.remove("channels", record["id"])
    if record["type"] in (10, 11, 12):
        keys = ("id", "guild_id", "parent_id", "type")
        practice.dispatch("THREAD_DELETE", {key: shape[key] for key in keys})
        return
    practice.dispatch("CHANNEL_DELETE", shape)
    _audit(practice, audit.CHANNEL_DELETE, record, "old_value", actor_id, reason)


def _audit(
    practice: Practice, action: int, record: Json, side: str, actor_id: str, reason: str | None
) -> None:
    audit.record(
        practice,
        action,
        actor_id=actor_id,
        target_id=record["id"],
        changes=[{"key": "name", side: record["name"]}, {"key": "type", side: record["type"]}],
        reason=reason,
    )

"""The guild's audit log, as Discord keeps it and announces it."""

from growmies_admin.practice.context import Practice
from growmies_admin.practice.errors import Json

CHANNEL_CREATE, CHANNEL_UPDATE, CHANNEL_DELETE = 10, 11, 12
OVERWRITE_CREATE, OVERWRITE_UPDATE, OVERWRITE_DELETE = 13, 14, 15
MEMBER_KICK, MEMBER_BAN_ADD, MEMBER_BAN_REMOVE = 20, 22, 23
MEMBER_UPDATE, MEMBER_ROLE_UPDATE = 24, 25
ROLE_CREATE, ROLE_UPDATE, ROLE_DELETE = 30, 31, 32
WEBHOOK_CREATE, WEBHOOK_UPDATE, WEBHOOK_DELETE = 50, 51, 52
MESSAGE_DELETE, MESSAGE_BULK_DELETE, MESSAGE_PIN, MESSAGE_UNPIN = 72, 73, 74, 75
THREAD_CREATE = 110

KEPT_ENTRIES = 5_000


def record(
    practice: Practice,
    action_type: int,
    *,
    actor_id: str | None,
    target_id: str | None,
    changes: list[Json] | None = None,
    options: Json | None = None,
    reason: str | None = None,
) -> None:
    """Write an entry and announce it with GUILD_AUDIT_LOG_ENTRY_CREATE."""
    world = practice.world
    entry: Json = {
        "id": world.ids.new(),
        "action_type": action_type,
        "user_id": actor_id,
        "target_id": target_id,
    }
    if changes:
        entry["changes"] = changes
    if options:
        entry["options"] = options
    if reason:
        entry["reason"] = reason
    world.save("audit", entry["id"], entry)
    kept = world.table("audit")
    if len(kept) > KEPT_ENTRIES:
        world.remove("audit", next(iter(kept)))
    event: Json = {"changes": [], "options": None, "reason": None} | entry
    practice.dispatch("GUILD_AUDIT_LOG_ENTRY_CREATE", event | {"guild_id": world.guild_id})


def change(key: str, old: object, new: object) -> Json:
    """One change of an entry; a side that is None is left out, as Discord does."""
    shape: Json = {"key": key}
    if new is not None:
        shape["new_value"] = new
    if old is not None:
        shape["old_value"] = old
    return shape

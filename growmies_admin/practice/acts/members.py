"""Members come, change and go."""

import secrets
from datetime import datetime

from growmies_admin.practice import audit, seed, shapes
from growmies_admin.practice.acts import presence
from growmies_admin.practice.context import Practice
from growmies_admin.practice.errors import Json
from growmies_admin.practice.state import now


def create_user(
    practice: Practice, username: str, shown: str | None, *, created: datetime, bot: bool
) -> str:
    """A new account, in no guild yet; its id says when it was made."""
    world = practice.world
    user_id = world.ids.of(created, secrets.randbits(22))
    while user_id in world.users:
        user_id = world.ids.of(created, secrets.randbits(22))
    world.save("users", user_id, seed.user_record(user_id, username, shown, bot=bot))
    return user_id


def join(
    practice: Practice, user_id: str, *, joined_at: datetime | None = None, roles: list[str]
) -> None:
    """A user comes into the guild."""
    world = practice.world
    world.save("members", user_id, seed.member_record(list(roles), joined_at or now()))
    event = shapes.member(world, user_id) | {"guild_id": world.guild_id}
    practice.dispatch("GUILD_MEMBER_ADD", event)


def leave(practice: Practice, user_id: str) -> None:
    """A member goes, by themselves or because they were removed."""
    world = practice.world
    if user_id in world.table("voice"):
        presence.set_voice(practice, user_id, None)
    world.remove("members", user_id)
    if user_id in world.table("presences"):
        world.remove("presences", user_id)
    practice.dispatch(
        "GUILD_MEMBER_REMOVE",
        {"guild_id": world.guild_id, "user": shapes.user(world, user_id)},
    )


def announce(practice: Practice, user_id: str) -> None:
    """Send GUILD_MEMBER_UPDATE; about the bot itself it goes to every session."""
    world = practice.world
    event = shapes.member(world, user_id) | {"guild_id": world.guild_id}
    practice.hub.dispatch("GUILD_MEMBER_UPDATE", event, to_all=user_id == world.bot_id)


def rename(practice: Practice, user_id: str, username: str | None, shown: str | None) -> None:
    """A user takes another name for all of Discord; None leaves the one they have."""
    world = practice.world
    user = world.users[user_id]
    user["username"] = username or user["username"]
    user["global_name"] = shown or user["global_name"]
    world.save("users", user_id, user)
    if user_id in world.members:
        announce(practice, user_id)


def set_roles(
    practice: Practice,
    user_id: str,
    role_ids: list[str],
    *,
    actor_id: str | None,
    reason: str | None = None,
) -> bool:
    """Give a member exactly these roles; False when they had them already."""
    world = practice.world
    member = world.members[user_id]
    before = list(member["roles"])
    added = [role for role in role_ids if role not in before]
    removed = [role for role in before if role not in role_ids]
    if not added and not removed:
        return False
    member["roles"] = list(dict.fromkeys(role_ids))
    world.save("members", user_id, member)
    for role in added:
        world.count(f"role_grants/{user_id}/{role}")
    for role in removed:
        world.count(f"role_removals/{user_id}/{role}")
    announce(practice, user_id)
    changes = []
    if added:
        changes.append(audit.change("$add", None, _names(practice, added)))
    if removed:
        changes.append(audit.change("$remove", None, _names(practice, removed)))
    audit.record(
        practice,
        audit.MEMBER_ROLE_UPDATE,
        actor_id=actor_id,
        target_id=user_id,
        changes=changes,
        reason=reason,
    )
    return True


def _names(practice: Practice, role_ids: list[str]) -> list[Json]:
    roles = practice.world.roles
    return [{"id": role, "name": roles[role]["name"]} for role in role_ids if role in roles]


def update(
    practice: Practice,
    user_id: str,
    fields: Json,
    *,
    actor_id: str | None,
    reason: str | None = None,
) -> None:
    """Change nick, mute, deaf, flags or time-out of a member."""
    world = practice.world
    member = world.members[user_id]
    changes = [
        audit.change(key, member[key], value)
        for key, value in fields.items()
        if member[key] != value
    ]
    member.update(fields)
    world.save("members", user_id, member)
    announce(practice, user_id)
    if changes:
        audit.record(
            practice,
            audit.MEMBER_UPDATE,
            actor_id=actor_id,
            target_id=user_id,
            changes=changes,
            reason=reason,
        )


def kick(practice: Practice, user_id: str, *, actor_id: str | None, reason: str | None) -> None:
    """Remove a member, who may come back."""
    leave(practice, user_id)
    audit.record(practice, audit.MEMBER_KICK, actor_id=actor_id, target_id=user_id, reason=reason)


def ban(practice: Practice, user_id: str, *, actor_id: str | None, reason: str | None) -> None:
    """Ban a user, in the guild or not; a second ban changes nothing."""
    world = practice.world
    if user_id in world.table("bans"):
        return
    world.save("bans", user_id, {"user_id": user_id, "reason": reason})
    if user_id in world.members:
        leave(practice, user_id)
    event = {"guild_id": world.guild_id, "user": shapes.user(world, user_id)}
    practice.dispatch("GUILD_BAN_ADD", event)
    audit.record(
        practice, audit.MEMBER_BAN_ADD, actor_id=actor_id, target_id=user_id, reason=reason
    )


def unban(practice: Practice, user_id: str, *, actor_id: str | None, reason: str | None) -> None:
    """Lift a ban."""
    world = practice.world
    world.remove("bans", user_id)
    event = {"guild_id": world.guild_id, "user": shapes.user(world, user_id)}
    practice.dispatch("GUILD_BAN_REMOVE", event)
    audit.record(
        practice, audit.MEMBER_BAN_REMOVE, actor_id=actor_id, target_id=user_id, reason=reason
    )

"""Roles are made, changed, moved and deleted."""

from growmies_admin.practice import audit, seed
from growmies_admin.practice.context import Practice
from growmies_admin.practice.errors import Json


def create(practice: Practice, fields: Json, *, actor_id: str, reason: str | None) -> Json:
    """A new role, just above @everyone: the others move up."""
    world = practice.world
    for role in world.roles.values():
        if role["position"] >= 1:
            role["position"] += 1
            world.save("roles", role["id"], role)
    everyone = int(world.roles[world.guild_id]["permissions"])
    record = seed.role_record(world.ids.new(), "new role", 1, 0, everyone) | {"hoist": False}
    record.update(fields)
    world.save("roles", record["id"], record)
    event = {"guild_id": world.guild_id, "role": dict(record)}
    practice.dispatch("GUILD_ROLE_CREATE", event)
    audit.record(
        practice,
        audit.ROLE_CREATE,
        actor_id=actor_id,
        target_id=record["id"],
        changes=[audit.change("name", None, record["name"])],
        reason=reason,
    )
    return record


def update(
    practice: Practice,
    role: Json,
    fields: Json,
    *,
    actor_id: str | None = None,
    reason: str | None = None,
) -> Json:
    """Change name, colour, permissions, … of a role."""
    world = practice.world
    changes = [
        audit.change(key, role.get(key), value)
        for key, value in fields.items()
        if role.get(key) != value
    ]
    role.update(fields)
    world.save("roles", role["id"], role)
    _announce(practice, role)
    if changes:
        audit.record(
            practice,
            audit.ROLE_UPDATE,
            actor_id=actor_id,
            target_id=role["id"],
            changes=changes,
            reason=reason,
        )
    return role


def _announce(practice: Practice, role: Json) -> None:
    event = {"guild_id": practice.world.guild_id, "role": dict(role)}
    practice.dispatch("GUILD_ROLE_UPDATE", event)


def move(practice: Practice, role_id: str, position: int) -> None:
    """Put a role at a position (1 is just above @everyone); the others close up around it."""
    world = practice.world
    order = [r["id"] for r in world.sorted_roles(list(world.roles)) if r["id"] != world.guild_id]
    order.remove(role_id)
    order.insert(max(position - 1, 0), role_id)
    for place, other in enumerate(order, start=1):
        role = world.roles[other]
        if role["position"] != place:
            role["position"] = place
            world.save("roles", other, role)
            _announce(practice, role)


def delete(
    practice: Practice, role: Json, *, actor_id: str | None = None, reason: str | None = None
) -> None:
    """Delete a role; members lose it, which Discord announces only with GUILD_ROLE_DELETE."""
    world = practice.world
    for user_id, member in world.members.items():
        if role["id"] in member["roles"]:
            member["roles"].remove(role["id"])
            world.save("members", user_id, member)
    world.remove("roles", role["id"])
    event = {"guild_id": world.guild_id, "role_id": role["id"]}
    practice.dispatch("GUILD_ROLE_DELETE", event)
    audit.record(
        practice,
        audit.ROLE_DELETE,
        actor_id=actor_id,
        target_id=role["id"],
        changes=[audit.change("name", role["name"], None)],
        reason=reason,
    )

"""What the guild knows: one table per kind of thing, each change written at once."""

import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from growmies_admin.practice import permissions
from growmies_admin.practice.errors import Json, not_found
from growmies_admin.practice.snowflakes import Snowflakes
from growmies_admin.practice.store import Journal

KEPT_MESSAGES_PER_CHANNEL = 1_000
KEPT_EPHEMERALS = 1_000


def now() -> datetime:
    """The present, aware."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """A moment as Discord writes it: microseconds and +00:00."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


class World:
    """The guild's tables, keyed by snowflake text. `save` after changing a record in place."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.ids = Snowflakes()
        self.revision = 0
        self._messages: dict[str, dict[str, Json]] = {}
        for message in self.table("messages").values():
            self._messages.setdefault(message["channel_id"], {})[message["id"]] = message

    def table(self, name: str) -> dict[str, Any]:
        """One table; read freely, change through `save` and `remove`."""
        return self.journal.data.setdefault(name, {})

    def save(self, table: str, key: str, value: Any) -> None:
        """Put a record and write it to disk."""
        self.revision += 1
        self.journal.put(table, key, value)

    def remove(self, table: str, key: str) -> None:
        """Forget a record."""
        self.revision += 1
        self.journal.delete(table, key)

    def clear(self, *, keep: tuple[str, ...]) -> None:
        """Empty every table but these."""
        for name in [name for name in self.journal.data if name not in keep]:
            self.journal.data[name].clear()
        self._messages.clear()
        self.revision += 1
        self.journal.compact()

    @property
    def meta(self) -> Json:
        """The guild's own facts: guild_id, bot_id, owner_id, name, created."""
        return self.table("meta")

    @property
    def guild_id(self) -> str:
        """The one guild."""
        return str(self.meta["guild_id"])

    @property
    def bot_id(self) -> str:
        """The one bot, whose application has the same id."""
        return str(self.meta["bot_id"])

    @property
    def members(self) -> dict[str, Json]:
        """Those in the guild, by user id."""
        return self.table("members")

    @property
    def users(self) -> dict[str, Json]:
        """Everybody known, in the guild or not."""
        return self.table("users")

    @property
    def roles(self) -> dict[str, Json]:
        """Roles by id; @everyone has the guild's id."""
        return self.table("roles")

    @property
    def channels(self) -> dict[str, Json]:
        """Guild channels, threads and direct channels, by id."""
        return self.table("channels")

    def user(self, user_id: str) -> Json:
        """A user, or 404/10013."""
        if user_id not in self.users:
            raise not_found(10013)
        return self.users[user_id]

    def member(self, user_id: str) -> Json:
        """A member who is in the guild, or 404/10007."""
        if user_id not in self.members:
            raise not_found(10007)
        return self.members[user_id]

    def role(self, role_id: str) -> Json:
        """A role, or 404/10011."""
        if role_id not in self.roles:
            raise not_found(10011)
        return self.roles[role_id]

    def channel(self, channel_id: str) -> Json:
        """A channel of any kind, or 404/10003."""
        if channel_id not in self.channels:
            raise not_found(10003)
        return self.channels[channel_id]

    def guild_channels(self) -> list[Json]:
        """Channels of the guild without threads and direct channels."""
        return [c for c in self.channels.values() if c["type"] not in (1, 10, 11, 12)]

    def dm_channel(self, user_id: str) -> Json | None:
        """The bot's direct channel with a user, if it was opened."""
        for channel in self.channels.values():
            if channel["type"] == 1 and channel["recipient_id"] == user_id:
                return channel
        return None

    def messages(self, channel_id: str) -> dict[str, Json]:
        """A channel's messages by id, oldest first, without ephemeral ones."""
        return self._messages.get(channel_id, {})

    def message(self, channel_id: str, message_id: str) -> Json:
        """A message, or 404/10008."""
        found = self.messages(channel_id).get(message_id)
        if found is None:
            raise not_found(10008)
        return found

    def add_message(self, message: Json) -> None:
        """Keep a message; the channel's oldest goes when there are too many."""
        kept = self._messages.setdefault(message["channel_id"], {})
        kept[message["id"]] = message
        self.save("messages", message["id"], message)
        if len(kept) > KEPT_MESSAGES_PER_CHANNEL:
            self.drop_message(kept[next(iter(kept))])

    def drop_message(self, message: Json) -> None:
        """Forget a message."""
        self._messages.get(message["channel_id"], {}).pop(message["id"], None)
        self.remove("messages", message["id"])

    def add_ephemeral(self, message: Json) -> None:
        """Keep an answer that only `_for` sees."""
        self.save("ephemerals", message["id"], message)
        kept = self.table("ephemerals")
        if len(kept) > KEPT_EPHEMERALS:
            self.remove("ephemerals", next(iter(kept)))

    def ephemerals_of(self, user_id: str) -> Iterator[Json]:
        """Answers that only this member sees, oldest first."""
        return (m for m in self.table("ephemerals").values() if m["_for"] == user_id)

    def count(self, name: str, step: int = 1) -> int:
        """Raise a counter that survives restarts."""
        value = int(self.table("counters").get(name, 0)) + step
        self.save("counters", name, value)
        return value

    def sorted_roles(self, role_ids: list[str]) -> list[Json]:
        """These roles that exist, lowest first."""
        known = [self.roles[role] for role in role_ids if role in self.roles]
        return sorted(known, key=lambda role: (role["position"], int(role["id"])))

    def top_position(self, user_id: str) -> int:
        """The position of a member's highest role; the owner stands above all."""
        if user_id == self.meta["owner_id"]:
            return 1 << 30
        roles = self.sorted_roles(self.members.get(user_id, {}).get("roles", []))
        return int(roles[-1]["position"]) if roles else 0

    def permissions(self, user_id: str, channel: Json | None = None) -> int:
        """A member's permission bits, in the guild or in one channel; 0 outside the guild."""
        member = self.members.get(user_id)
        if member is None:
            return 0
        everyone = self.roles[self.guild_id]
        bits = int(everyone["permissions"])
        for role in self.sorted_roles(member["roles"]):
            bits |= int(role["permissions"])
        if user_id == self.meta["owner_id"] or bits & permissions.mask("ADMINISTRATOR"):
            return permissions.ALL
        if channel is not None:
            if channel["type"] in (10, 11, 12):
                channel = self.channels.get(channel["parent_id"], channel)
            bits = permissions.overwritten(bits, channel, self.guild_id, member["roles"], user_id)
        if self.is_timed_out(user_id):
            bits &= permissions.TIMED_OUT
        return bits

    def may(self, user_id: str, *names: str, channel: Json | None = None) -> bool:
        """Whether a member has all these permissions, by name."""
        wanted = permissions.mask(*names)
        return self.permissions(user_id, channel) & wanted == wanted

    def is_timed_out(self, user_id: str) -> bool:
        """Whether a member's time-out still runs."""
        until = self.members.get(user_id, {}).get("communication_disabled_until")
        return until is not None and datetime.fromisoformat(until) > now()

    def by_name(self, table: str, name_or_id: str, field: str = "name") -> Json | None:
        """A record by id or by name, for the control surface."""
        records = self.table(table)
        if name_or_id in records:
            found: Json = records[name_or_id]
            return found
        wanted = name_or_id.lstrip("#@").lower() if table == "channels" else name_or_id.lower()
        for record in records.values():
            is_category = table == "channels" and record["type"] == 4
            if not is_category and str(record.get(field, "")).lower() == wanted:
                match: Json = record
                return match
        return None


def distinct(text: str) -> int:
    """A stable number for a name, to tell ids of the same moment apart."""
    return zlib.crc32(text.encode()) & 0x3FFFFF

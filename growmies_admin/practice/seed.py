"""The guild as it stands when it is first made: roles, channels, staff and third-party bots."""

from datetime import UTC, datetime, timedelta

from growmies_admin.practice import permissions as perm
from growmies_admin.practice.errors import Json
from growmies_admin.practice.snowflakes import Snowflakes
from growmies_admin.practice.state import World, distinct, iso

FOUNDED = datetime(2022, 4, 20, 16, 20, tzinfo=UTC)
GUILD_NAME = "Growmies NJ"
BOT_NAME = "Growmies"
VERIFIED = "Verified 21+"

# Lowest first; @everyone is position 0.
ROLES: tuple[tuple[str, int, int], ...] = (
    (VERIFIED, 0x46C28A, 0),
    ("Grower", 0x8BC34A, 0),
    ("Expert", 0xF2B23E, 0),
    (
        "Moderator",
        0x5B9DF0,
        perm.mask("MANAGE_MESSAGES", "KICK_MEMBERS", "BAN_MEMBERS", "MODERATE_MEMBERS",
                  "VIEW_AUDIT_LOG", "MANAGE_NICKNAMES", "MANAGE_THREADS"),
    ),
    (
        "Compliance",
        0xB48CF2,
        perm.mask("MANAGE_MESSAGES", "KICK_MEMBERS", "BAN_MEMBERS", "MODERATE_MEMBERS",
                  "VIEW_AUDIT_LOG"),
    ),
    (BOT_NAME, 0x2E9E6B, perm.BOT),
    ("Administrator", 0xF2705B, perm.mask("ADMINISTRATOR")),
)  # fmt: skip

# Category, then its channels: (name, Discord's type, topic, staff only).
CHANNELS: tuple[tuple[str, tuple[tuple[str, int, str, bool], ...]], ...] = (
    (
        "Start here",
        (
            ("welcome", 0, "Read this first. Adults of 21 and over only.", False),
            ("age-verification", 0, "Type /verify. Only you see the answer.", False),
        ),
    ),
    (
        "Community",
        (
            ("general", 0, "Anything that has no place of its own", False),
            ("growing-help", 0, "Questions about growing", False),
            ("grow-journals", 0, "One thread a grow", False),
            ("strain-talk", 0, "Genetics, terpenes, tasting notes", False),
            ("education", 0, "Law, health, harm reduction", False),
            ("trade-talk", 0, "Equipment only. No sales of cannabis, ever.", False),
        ),
    ),
    ("Voice", (("Grow Room", 2, "", False), ("Lounge", 2, "", False))),
    (
        "Staff",
        (
            ("staff", 0, "Staff only", True),
            ("mod-log", 0, "What moderators and the bot did", True),
            ("monitoring-alerts", 0, "Warnings of the monitoring", True),
            ("critical-alerts", 0, "Pages the person on call", True),
            ("ops-alerts", 0, "For operators", True),
            ("compliance-alerts", 0, "For compliance", True),
        ),
    ),
)
THIRD_PARTY_BOTS = ("carl-bot", "sesh", "statbot", "xenon")
# (username, shown name, roles, days in the guild)
PEOPLE: tuple[tuple[str, str, tuple[str, ...], int], ...] = (
    ("marigold", "Marigold", ("Administrator",), 1400),
    ("basil.mod", "Basil", ("Moderator", VERIFIED), 900),
    ("rowan_grows", "Rowan", (VERIFIED, "Grower"), 410),
    ("juniper", "Juniper", (), 3),
)
DEFAULT_BOT_ID = Snowflakes().of(FOUNDED - timedelta(days=90), distinct("application"))


def plant(world: World, bot_id: str | None) -> None:
    """Fill an empty world; a world that is already there only learns of another bot id."""
    if world.meta:
        if bot_id is not None and bot_id != world.bot_id:
            _adopt_bot(world, bot_id)
        return
    make = Snowflakes()
    world.save("meta", "guild_id", make.of(FOUNDED, distinct("guild")))
    world.save("meta", "name", GUILD_NAME)
    world.save("meta", "bot_id", bot_id or DEFAULT_BOT_ID)
    world.save("meta", "intents_allowed", True)
    _plant_roles(world, make)
    _plant_channels(world, make)
    _plant_people(world, make)


def role_record(role_id: str, name: str, position: int, color: int, bits: int) -> Json:
    """A role as it is kept."""
    return {
        "id": role_id,
        "name": name,
        "description": None,
        "permissions": str(bits),
        "position": position,
        "color": color,
        "colors": {"primary_color": color, "secondary_color": None, "tertiary_color": None},
        "hoist": color != 0,
        "managed": False,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def user_record(user_id: str, username: str, shown: str | None, *, bot: bool) -> Json:
    """A user as kept; `_dms_open` is ours, not Discord's."""
    return {
        "id": user_id,
        "username": username,
        "global_name": None if bot else shown,
        "discriminator": f"{distinct(username) % 9000 + 1000}" if bot else "0",
        "bot": bot,
        "_dms_open": True,
    }


def member_record(roles: list[str], joined_at: datetime) -> Json:
    """A membership as kept."""
    return {
        "nick": None,
        "roles": roles,
        "joined_at": iso(joined_at),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": None,
    }


def channel_record(channel_id: str, name: str, kind: int, position: int) -> Json:
    """A guild channel as kept, with the fields of its kind."""
    record: Json = {
        "id": channel_id,
        "type": kind,
        "name": name,
        "position": position,
        "flags": 0,
        "parent_id": None,
        "permission_overwrites": [],
    }
    if kind != 4:
        record |= {
            "topic": None,
            "nsfw": False,
            "rate_limit_per_user": 0,
            "last_message_id": None,
        }
    if kind in (0, 5):
        record["last_pin_timestamp"] = None
    if kind in (2, 13):
        record |= {"bitrate": 64_000, "user_limit": 0, "rtc_region": None}
    return record


def _plant_roles(world: World, make: Snowflakes) -> None:
    guild_id = world.guild_id
    world.save("roles", guild_id, role_record(guild_id, "@everyone", 0, 0, perm.EVERYONE))
    for position, (name, color, bits) in enumerate(ROLES, start=1):
        role_id = make.of(FOUNDED + timedelta(minutes=position), distinct(name))
        record = role_record(role_id, name, position, color, bits)
        if name == BOT_NAME:
            record |= {"managed": True, "tags": {"bot_id": world.bot_id}}
            world.save("meta", "bot_role_id", role_id)
        world.save("roles", role_id, record)


def _plant_channels(world: World, make: Snowflakes) -> None:
    roles = {role["name"]: role["id"] for role in world.roles.values()}
    view = str(perm.mask("VIEW_CHANNEL", "CONNECT"))
    staff_only = [{"id": world.guild_id, "type": 0, "allow": "0", "deny": view}] + [
        {"id": roles[name], "type": 0, "allow": view, "deny": "0"}
        for name in ("Moderator", "Compliance", BOT_NAME)
    ]
    minute = 60
    for place, (category, channels) in enumerate(CHANNELS):
        minute += 1
        category_id = make.of(FOUNDED + timedelta(minutes=minute), distinct(category))
        world.save("channels", category_id, channel_record(category_id, category, 4, place))
        for position, (name, kind, topic, is_staff) in enumerate(channels):
            minute += 1
            channel_id = make.of(FOUNDED + timedelta(minutes=minute), distinct(name))
            record = channel_record(channel_id, name, kind, position)
            record |= {"parent_id": category_id, "topic": topic or None}
            if is_staff:
                record["permission_overwrites"] = [dict(entry) for entry in staff_only]
            world.save("channels", channel_id, record)


def _plant_people(world: World, make: Snowflakes) -> None:
    roles = {role["name"]: role["id"] for role in world.roles.values()}
    _plant_bot(world)
    for name in THIRD_PARTY_BOTS:
        born = FOUNDED - timedelta(days=400)
        bot_id = make.of(born, distinct(name))
        world.save("users", bot_id, user_record(bot_id, name, None, bot=True))
        world.save("members", bot_id, member_record([], FOUNDED + timedelta(days=1)))
        world.save("presences", bot_id, bot_presence(name))
    today = datetime.now(UTC)
    for username, shown, role_names, days in PEOPLE:
        joined = max(today - timedelta(days=days), FOUNDED)
        user_id = make.of(joined - timedelta(days=30), distinct(username))
        world.save("users", user_id, user_record(user_id, username, shown, bot=False))
        world.save("members", user_id, member_record([roles[n] for n in role_names], joined))
        if username == PEOPLE[0][0]:
            world.save("meta", "owner_id", user_id)


def bot_presence(name: str) -> Json:
    """A third-party bot that is up: online, with an activity and its start."""
    started = int(datetime.now(UTC).timestamp() * 1000)
    return {
        "status": "online",
        "client_status": {"web": "online"},
        "activities": [
            {
                "id": f"{distinct(name):x}",
                "name": f"{name} commands",
                "type": 2,
                "created_at": started,
                "timestamps": {"start": started},
            }
        ],
    }


def _plant_bot(world: World) -> None:
    bot_id = world.bot_id
    world.save("users", bot_id, user_record(bot_id, BOT_NAME, None, bot=True))
    record = member_record([world.meta["bot_role_id"]], FOUNDED + timedelta(hours=2))
    world.save("members", bot_id, record)


def _adopt_bot(world: World, bot_id: str) -> None:
    old = world.bot_id
    world.remove("members", old)
    world.remove("users", old)
    for command_id in list(world.table("commands")):
        world.remove("commands", command_id)
    world.save("meta", "bot_id", bot_id)
    role = world.roles.get(world.meta["bot_role_id"])
    if role is not None:
        role["tags"] = {"bot_id": bot_id}
        world.save("roles", role["id"], role)
    _plant_bot(world)

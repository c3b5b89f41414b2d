"""Permission bits, how they add up, and the role hierarchy."""

from typing import Any

Json = dict[str, Any]

BITS = {
    "CREATE_INSTANT_INVITE": 0, "KICK_MEMBERS": 1, "BAN_MEMBERS": 2, "ADMINISTRATOR": 3,
    "MANAGE_CHANNELS": 4, "MANAGE_GUILD": 5, "ADD_REACTIONS": 6, "VIEW_AUDIT_LOG": 7,
    "PRIORITY_SPEAKER": 8, "STREAM": 9, "VIEW_CHANNEL": 10, "SEND_MESSAGES": 11,
    "SEND_TTS_MESSAGES": 12, "MANAGE_MESSAGES": 13, "EMBED_LINKS": 14, "ATTACH_FILES": 15,
    "READ_MESSAGE_HISTORY": 16, "MENTION_EVERYONE": 17, "USE_EXTERNAL_EMOJIS": 18,
    "VIEW_GUILD_INSIGHTS": 19, "CONNECT": 20, "SPEAK": 21, "MUTE_MEMBERS": 22,
    "DEAFEN_MEMBERS": 23, "MOVE_MEMBERS": 24, "USE_VAD": 25, "CHANGE_NICKNAME": 26,
    "MANAGE_NICKNAMES": 27, "MANAGE_ROLES": 28, "MANAGE_WEBHOOKS": 29,
    "MANAGE_GUILD_EXPRESSIONS": 30, "USE_APPLICATION_COMMANDS": 31, "REQUEST_TO_SPEAK": 32,
    "MANAGE_EVENTS": 33, "MANAGE_THREADS": 34, "CREATE_PUBLIC_THREADS": 35,
    "CREATE_PRIVATE_THREADS": 36, "USE_EXTERNAL_STICKERS": 37, "SEND_MESSAGES_IN_THREADS": 38,
    "USE_EMBEDDED_ACTIVITIES": 39, "MODERATE_MEMBERS": 40,
    "VIEW_CREATOR_MONETIZATION_ANALYTICS": 41, "USE_SOUNDBOARD": 42,
    "CREATE_GUILD_EXPRESSIONS": 43, "CREATE_EVENTS": 44, "USE_EXTERNAL_SOUNDS": 45,
    "SEND_VOICE_MESSAGES": 46, "SEND_POLLS": 49, "USE_EXTERNAL_APPS": 50, "PIN_MESSAGES": 51,
}  # fmt: skip
ALL = sum(1 << bit for bit in BITS.values())


def mask(*names: str) -> int:
    """The bits of these names. KeyError for a name that Discord doesn't have."""
    return sum(1 << BITS[name] for name in names)


def names_in(value: int) -> list[str]:
    """The names of the bits in a permission number."""
    return [name for name, bit in BITS.items() if value >> bit & 1]


EVERYONE = mask(
    "CREATE_INSTANT_INVITE", "ADD_REACTIONS", "STREAM", "VIEW_CHANNEL", "SEND_MESSAGES",
    "EMBED_LINKS", "ATTACH_FILES", "READ_MESSAGE_HISTORY", "USE_EXTERNAL_EMOJIS", "CONNECT",
    "SPEAK", "USE_VAD", "CHANGE_NICKNAME", "USE_APPLICATION_COMMANDS", "CREATE_PUBLIC_THREADS",
    "SEND_MESSAGES_IN_THREADS", "USE_EXTERNAL_STICKERS", "SEND_VOICE_MESSAGES", "SEND_POLLS",
    "REQUEST_TO_SPEAK", "USE_SOUNDBOARD",
)  # fmt: skip
BOT = mask(
    "MANAGE_ROLES", "KICK_MEMBERS", "BAN_MEMBERS", "MODERATE_MEMBERS", "MANAGE_MESSAGES",
    "MANAGE_CHANNELS", "MANAGE_NICKNAMES", "MANAGE_WEBHOOKS", "MANAGE_THREADS", "VIEW_AUDIT_LOG",
    "VIEW_CHANNEL", "SEND_MESSAGES", "EMBED_LINKS", "ATTACH_FILES", "READ_MESSAGE_HISTORY",
    "ADD_REACTIONS", "USE_EXTERNAL_EMOJIS", "MOVE_MEMBERS", "MUTE_MEMBERS", "DEAFEN_MEMBERS",
    "MENTION_EVERYONE", "CREATE_PUBLIC_THREADS", "SEND_MESSAGES_IN_THREADS", "CONNECT", "SPEAK",
    "MANAGE_GUILD", "PIN_MESSAGES",
)  # fmt: skip
# All that a timed-out member keeps.
TIMED_OUT = mask("VIEW_CHANNEL", "READ_MESSAGE_HISTORY")


def may_use(bits: int, needed: str | None) -> bool:
    """Whether a command's `default_member_permissions` let a member with these bits use it."""
    if needed is None or bits & mask("ADMINISTRATOR"):
        return True
    return int(needed) != 0 and bits & int(needed) == int(needed)


def overwritten(base: int, channel: Json, everyone_id: str, roles: list[str], user: str) -> int:
    """A member's bits in a channel: @everyone's overwrite, then roles' together, then their own."""
    overwrites = {entry["id"]: entry for entry in channel.get("permission_overwrites", [])}
    if entry := overwrites.get(everyone_id):
        base = base & ~int(entry["deny"]) | int(entry["allow"])
    mine = [overwrites[role] for role in roles if role in overwrites]
    for entry in mine:
        base &= ~int(entry["deny"])
    for entry in mine:
        base |= int(entry["allow"])
    if entry := overwrites.get(user):
        base = base & ~int(entry["deny"]) | int(entry["allow"])
    return base

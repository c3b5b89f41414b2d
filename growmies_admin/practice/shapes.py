"""Discord's published objects, complete, made from what the world keeps."""

from typing import Any

from growmies_admin.practice.errors import Json
from growmies_admin.practice.state import World

NSFW_SAFE = {"nsfw": False, "nsfw_level": 0}


def user(world: World, user_id: str) -> Json:
    """A user object."""
    kept = world.users[user_id]
    shape: Json = {
        "id": kept["id"],
        "username": kept["username"],
        "discriminator": kept["discriminator"],
        "global_name": kept["global_name"],
        "avatar": None,
        "public_flags": 0,
        "flags": 0,
        "banner": None,
        "accent_color": None,
        "banner_color": None,
        "avatar_decoration_data": None,
        "collectibles": None,
        "clan": None,
        "primary_guild": None,
    }
    if kept["bot"]:
        shape["bot"] = True
    return shape


def own_user(world: World) -> Json:
    """The bot's user object, as only itself sees it."""
    return user(world, world.bot_id) | {
        "bot": True,
        "verified": True,
        "mfa_enabled": True,
        "email": None,
        "locale": "en-US",
        "premium_type": 0,
        "bio": "",
    }


def member(world: World, user_id: str, *, with_user: bool = True) -> Json:
    """A guild member object."""
    kept = world.members[user_id]
    shape: Json = {
        "avatar": None,
        "avatar_decoration_data": None,
        "banner": None,
        "collectibles": None,
        "communication_disabled_until": kept["communication_disabled_until"],
        "deaf": kept["deaf"],
        "flags": kept["flags"],
        "joined_at": kept["joined_at"],
        "mute": kept["mute"],
        "nick": kept["nick"],
        "pending": kept["pending"],
        "premium_since": kept["premium_since"],
        "roles": list(kept["roles"]),
        "unusual_dm_activity_until": None,
    }
    if with_user:
        shape["user"] = user(world, user_id)
    return shape


def channel(world: World, kept: Json) -> Json:
    """A channel object; direct channels show the other side."""
    if kept["type"] == 1:
        return {
            "id": kept["id"],
            "type": 1,
            "flags": 0,
            "last_message_id": kept["last_message_id"],
            "recipients": [user(world, kept["recipient_id"])],
        }
    return dict(kept) | {"guild_id": world.guild_id}


def channel_in_guild(kept: Json) -> Json:
    """A channel as GUILD_CREATE lists it: without guild_id."""
    return dict(kept)


def message(world: World, kept: Json) -> Json:
    """A message object as REST answers it."""
    shape = {key: value for key, value in kept.items() if not key.startswith("_")}
    if "author" not in shape:
        shape["author"] = user(world, kept["_author_id"])
    shape["mentions"] = [user(world, u) for u in kept["_mention_ids"] if u in world.users]
    reference = kept.get("message_reference")
    if kept["type"] == 19 and reference is not None:
        found = world.messages(reference["channel_id"]).get(reference["message_id"])
        shape["referenced_message"] = None if found is None else message(world, found)
    if reactions := kept.get("_reactions"):
        shape["reactions"] = [_reaction(world, entry) for entry in reactions]
    return shape


def message_event(world: World, kept: Json) -> Json:
    """A message object as the gateway sends it: guild_id, the author's member, the nonce."""
    shape = message(world, kept)
    where = world.channels.get(kept["channel_id"], {"type": 0})
    shape["channel_type"] = where["type"]
    if where["type"] == 1:
        return shape
    shape["guild_id"] = world.guild_id
    author_id = kept.get("_author_id")
    if "webhook_id" not in kept and author_id in world.members:
        shape["member"] = member(world, author_id, with_user=False)
    for entry in shape["mentions"]:
        if entry["id"] in world.members:
            entry["member"] = member(world, entry["id"], with_user=False)
    return shape


def _reaction(world: World, entry: Json) -> Json:
    people = entry["user_ids"]
    return {
        "emoji": entry["emoji"],
        "count": len(people),
        "count_details": {"burst": 0, "normal": len(people)},
        "burst_colors": [],
        "me_burst": False,
        "burst_me": False,
        "burst_count": 0,
        "me": world.bot_id in people,
    }


def presence(world: World, user_id: str) -> Json:
    """A presence update object of a member; offline when nothing is kept."""
    kept = world.table("presences").get(user_id) or {
        "status": "offline",
        "client_status": {},
        "activities": [],
    }
    return {
        "user": {"id": user_id},
        "guild_id": world.guild_id,
        "status": kept["status"],
        "client_status": kept["client_status"],
        "activities": kept["activities"],
    }


def voice_state(world: World, user_id: str, *, with_member: bool = True) -> Json:
    """A voice state; `channel_id` null once the member hung up."""
    kept = world.table("voice").get(user_id) or {"channel_id": None, "session_id": "0"}
    shape: Json = {
        "guild_id": world.guild_id,
        "channel_id": kept["channel_id"],
        "user_id": user_id,
        "session_id": kept["session_id"],
        "deaf": False,
        "mute": False,
        "self_deaf": False,
        "self_mute": False,
        "self_video": False,
        "suppress": False,
        "request_to_speak_timestamp": None,
    }
    if with_member and user_id in world.members:
        shape["member"] = member(world, user_id)
    return shape


def application(world: World) -> Json:
    """The bot's application."""
    owner = user(world, world.meta["owner_id"])
    return {
        "id": world.bot_id,
        "name": world.users[world.bot_id]["username"],
        "icon": None,
        "description": "Practice application of the practice guild",
        "summary": "",
        "type": None,
        "bot": user(world, world.bot_id),
        "bot_public": False,
        "bot_require_code_grant": False,
        "is_monetized": False,
        "is_verified": False,
        "is_discoverable": False,
        "hook": True,
        "storefront_available": False,
        "owner": owner,
        "team": None,
        "verify_key": "0" * 64,
        "flags": application_flags(world),
        "tags": [],
        "redirect_uris": [],
        "rpc_origins": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "event_webhooks_url": None,
        "event_webhooks_status": 1,
        "event_webhooks_types": [],
        "approximate_guild_count": 1,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "integration_types_config": {"0": {"oauth2_install_params": None}},
        "install_params": {"scopes": ["bot", "applications.commands"], "permissions": "0"},
        "guild_id": None,
    }


def application_flags(world: World) -> int:
    """Privileged intents (limited) as application flags, with the slash-command badge."""
    allowed = 1 << 13 | 1 << 15 | 1 << 19 if world.meta.get("intents_allowed", True) else 0
    return allowed | 1 << 23


def guild(world: World) -> Json:
    """A guild object as REST answers it."""
    channels = {c["name"]: c["id"] for c in world.guild_channels()}
    return {
        "id": world.guild_id,
        "name": world.meta["name"],
        "icon": None,
        "icon_hash": None,
        "description": None,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "features": [],
        "banner": None,
        "owner_id": world.meta["owner_id"],
        "application_id": None,
        "region": "us-east",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": channels.get("welcome"),
        "system_channel_flags": 63,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 1,
        "roles": [dict(role) for role in world.roles.values()],
        "default_message_notifications": 1,
        "mfa_level": 0,
        "explicit_content_filter": 2,
        "max_presences": None,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "preferred_locale": "en-US",
        "rules_channel_id": channels.get("welcome"),
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "hub_type": None,
        "latest_onboarding_question_id": None,
        "incidents_data": None,
        "inventory_settings": None,
        "emojis": [],
        "stickers": [],
        **NSFW_SAFE,
    }


def guild_create(world: World, *, members: list[str], presences: list[str]) -> Json:
    """The GUILD_CREATE event's object with these members and presences in it."""
    threads = [channel(world, c) for c in world.channels.values() if c["type"] in (10, 11, 12)]
    extra: dict[str, Any] = {
        "joined_at": world.members[world.bot_id]["joined_at"],
        "large": len(world.members) > 250,
        "unavailable": False,
        "member_count": len(world.members),
        "voice_states": [
            {
                key: value
                for key, value in voice_state(world, u, with_member=False).items()
                if key != "guild_id"
            }
            for u in world.table("voice")
        ],
        "members": [member(world, u) for u in members],
        "channels": [channel_in_guild(c) for c in world.guild_channels()],
        "threads": threads,
        "presences": [presence(world, u) for u in presences],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
        "embedded_activities": [],
        "activity_instances": [],
        "version": world.revision,
    }
    return guild(world) | extra

"""What a client is told once it identified: READY, GUILD_CREATE and the member chunks."""

from growmies_admin.practice import intents, shapes
from growmies_admin.practice.context import Practice
from growmies_admin.practice.errors import Json
from growmies_admin.practice.sessions import Session, compact
from growmies_admin.practice.snowflakes import is_snowflake
from growmies_admin.practice.state import iso, now

CHUNK = 1_000


def greet(practice: Practice, session: Session, *, with_shard: bool) -> None:
    """Send READY and, when the shard has the guild, GUILD_CREATE."""
    world = practice.world
    guilds = [{"id": world.guild_id, "unavailable": True}] if session.has_guild else []
    data: Json = {
        "v": 10,
        "user_settings": {},
        "user": shapes.own_user(world),
        "session_type": "normal",
        "session_id": session.id,
        "resume_gateway_url": practice.gateway_url,
        "relationships": [],
        "private_channels": [],
        "presences": [],
        "guilds": guilds,
        "guild_join_requests": [],
        "geo_ordered_rtc_regions": ["newark", "us-east", "atlanta"],
        "game_relationships": [],
        "auth": {},
        "application": {"id": world.bot_id, "flags": shapes.application_flags(world)},
        "_trace": ["practice"],
    }
    if with_shard:
        data["shard"] = list(session.shard)
    session.dispatch("READY", compact(data))
    if session.has_guild and session.intents & intents.GUILDS:
        created = _guild_create(practice, session)
        if off := practice.faults.find("member_count"):
            created["member_count"] += off.offset
        session.dispatch("GUILD_CREATE", compact(created))
    if practice.faults.find("unreadable"):
        session.dispatch("MESSAGE_CREATE", compact(endless_poll(practice)))


def endless_poll(practice: Practice) -> Json:
    """A poll without an end, as Discord really sends them: discord.py 2.7.1 can't read it."""
    world = practice.world
    channel_id = next(c["id"] for c in world.guild_channels() if c["type"] == 0)
    return {
        "id": world.ids.new(),
        "type": 0,
        "channel_id": channel_id,
        "guild_id": world.guild_id,
        "content": "",
        "timestamp": iso(now()),
        "edited_timestamp": None,
        "author": shapes.own_user(world),
        "mentions": [],
        "mention_roles": [],
        "mention_everyone": False,
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "tts": False,
        "poll": {
            "question": {"text": "When do you water?"},
            "answers": [{"answer_id": 1, "poll_media": {"text": "At dawn"}}],
            "expiry": None,
            "allow_multiselect": False,
            "layout_type": 1,
        },
    }


def _guild_create(practice: Practice, session: Session) -> Json:
    world = practice.world
    online = [u for u in world.members if u in world.table("presences")]
    near = {world.bot_id, *world.table("voice")}
    if not session.intents & intents.GUILD_PRESENCES:
        return shapes.guild_create(world, members=_in_guild(practice, near), presences=[])
    if len(world.members) <= session.large_threshold:
        return shapes.guild_create(world, members=list(world.members), presences=online)
    members = _in_guild(practice, near | set(online))
    return shapes.guild_create(world, members=members, presences=online)


def _in_guild(practice: Practice, user_ids: set[str]) -> list[str]:
    return [user_id for user_id in practice.world.members if user_id in user_ids]


def send_members(practice: Practice, session: Session, data: Json) -> None:
    """Answer op 8: GUILD_MEMBERS_CHUNK events for a query or for given ids."""
    world = practice.world
    guild_id = data.get("guild_id")
    if isinstance(guild_id, list):
        guild_id = guild_id[0] if guild_id else None
    if str(guild_id) != world.guild_id:
        return
    not_found: list[str] = []
    if data.get("user_ids") is not None:
        found, not_found = _by_ids(practice, data["user_ids"])
    else:
        found = _by_query(practice, session, data)
    _send_chunks(practice, session, data, found, not_found)


def _by_ids(practice: Practice, asked: object) -> tuple[list[str], list[str]]:
    ids = asked if isinstance(asked, list) else [asked]
    wanted = [str(value) for value in ids if is_snowflake(value)][:100]
    members = practice.world.members
    return [u for u in wanted if u in members], [u for u in wanted if u not in members]


def _by_query(practice: Practice, session: Session, data: Json) -> list[str]:
    world = practice.world
    query = str(data.get("query") or "").lower()
    limit = data.get("limit")
    limit = limit if isinstance(limit, int) else 0
    if query == "" and limit == 0:
        may_list = session.intents & intents.GUILD_MEMBERS
        return list(world.members) if may_list else []
    found = [u for u in world.members if _starts(practice, u, query)]
    return found[: min(limit, 100) if limit > 0 else 100]


def _starts(practice: Practice, user_id: str, query: str) -> bool:
    user, member = practice.world.users[user_id], practice.world.members[user_id]
    names = (user["username"], user["global_name"] or "", member["nick"] or "")
    return any(name.lower().startswith(query) for name in names)


def _send_chunks(
    practice: Practice, session: Session, data: Json, found: list[str], not_found: list[str]
) -> None:
    world = practice.world
    with_presences = data.get("presences") is True and session.intents & intents.GUILD_PRESENCES
    chunks = [found[at : at + CHUNK] for at in range(0, len(found), CHUNK)] or [[]]
    for index, chunk in enumerate(chunks):
        event: Json = {
            "guild_id": world.guild_id,
            "members": [shapes.member(world, user_id) for user_id in chunk],
            "chunk_index": index,
            "chunk_count": len(chunks),
            "not_found": not_found,
        }
        if data.get("nonce") is not None and len(str(data["nonce"]).encode()) <= 32:
            event["nonce"] = data["nonce"]
        if with_presences:
            online = [u for u in chunk if u in world.table("presences")]
            event["presences"] = [shapes.presence(world, u) for u in online]
        session.dispatch("GUILD_MEMBERS_CHUNK", compact(event))

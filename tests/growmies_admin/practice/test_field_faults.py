"""What the field sends, as faults: refusals that pass, foreign pages, odd events, limits."""

import asyncio

import discord
import pytest

from .conftest import Bot, identify


async def inject(guild, **fault):
    return await guild.control("POST", "/faults", {"seconds": 60, **fault})


async def met(guild, kind):
    return (await guild.control("GET", "/stats"))["faults_met"].get(kind, 0)


def grant(guild, member):
    return f"/guilds/{guild.id}/members/{member}/roles/{guild.role('Verified 21+')}"


# --- refusal


async def test_a_refusal_passes_after_so_many_times(guild):
    member = await guild.member()
    await inject(guild, kind="refusal", route="PUT /guilds/", discord_code=40333, times=2)
    for _ in range(2):
        status, body, headers = await guild.rest("PUT", grant(guild, member))
        assert (status, body["code"], bool(body["message"])) == (403, 40333, True)
        assert headers["Content-Type"] == "application/json" and headers["Via"]
        assert (await guild.control("GET", f"/members/{member}"))["roles"] == []
    assert (await guild.rest("PUT", grant(guild, member)))[0] == 204
    assert (await guild.control("GET", f"/members/{member}"))["roles"] == ["Verified 21+"]
    assert (await guild.control("GET", "/faults"))["faults"] == []
    assert await met(guild, "refusal") == 2


async def test_a_refusal_keeps_to_its_route_and_status(guild):
    member = await guild.member()
    route = "POST /users/@me/channels"
    await inject(guild, kind="refusal", route=route, status=400, discord_code=40003)
    open_dm = {"recipient_id": member}
    for _ in range(3):  # without `times`: as long as it lasts
        status, body, _ = await guild.rest("POST", "/users/@me/channels", open_dm)
        assert (status, body["code"]) == (400, 40003)
    assert (await guild.rest("GET", "/users/@me"))[0] == 200
    await guild.control("DELETE", "/faults")
    assert (await guild.rest("POST", "/users/@me/channels", open_dm))[0] == 200


async def test_discord_py_reads_the_refusals_code(guild, start_bot):
    bot = await start_bot()
    person = await bot.get_guild(int(guild.id)).fetch_member(int(await guild.member()))
    await inject(guild, kind="refusal", route="PUT /guilds/", times=1)
    role = discord.Object(int(guild.role("Verified 21+")))
    with pytest.raises(discord.Forbidden) as refused:
        await person.add_roles(role)
    assert refused.value.code == 40333
    await person.add_roles(role)


# --- page


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_a_page_is_nothing_of_discords(guild, status):
    await inject(guild, kind="page", status=status, route="GET /users", times=1)
    headers = {"Authorization": f"Bot {guild.token}"}
    url = f"{guild.url}/api/v10/users/@me"
    async with guild.http.get(url, headers=headers) as answer:
        assert answer.status == status
        assert answer.content_type == "text/html"
        assert await answer.text() == "error code: 1010"
        assert not [name for name in answer.headers if name.lower().startswith(("via", "x-rate"))]
    assert (await guild.rest("GET", "/users/@me"))[0] == 200
    assert await met(guild, "page") == 1
    # 401, 403 and 429 add up towards the ban, whoever answers.
    invalid = (await guild.control("GET", "/stats"))["invalid_requests"]
    assert invalid == (status == 403)


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_discord_py_finds_no_code_in_a_page(guild, start_bot, status):
    bot = await start_bot()
    channel = bot.get_channel(int(guild.channel("general")))
    await inject(guild, kind="page", status=status, route="POST /channels/", times=1)
    with pytest.raises(discord.HTTPException) as failed:
        await channel.send("hello")
    assert (failed.value.status, failed.value.code) == (status, 0)
    assert (await channel.send("hello")).content == "hello"


@pytest.mark.parametrize(("kind", "answers"), [("page", "text/html"), ("refusal", "application")])
async def test_webhooks_are_hit_at_the_address_that_people_copy(guild, kind, answers):
    path = f"/channels/{guild.channel('critical-alerts')}/webhooks"
    _, webhook, _ = await guild.rest("POST", path, {"name": "alerts"})
    await inject(guild, kind=kind, route="POST /webhooks/", times=1)
    assert "/api/webhooks/" in webhook["url"]
    async with guild.http.post(webhook["url"], json={"content": "fire"}) as answer:
        assert answer.status == 403 and answer.content_type.startswith(answers)
    async with guild.http.post(webhook["url"], json={"content": "fire"}) as answer:
        assert answer.status == 204


# --- unreadable


async def test_an_unreadable_event_follows_each_ready(guild, connect):
    await inject(guild, kind="unreadable")
    for number in (1, 2):
        socket = await connect()
        await socket.send(2, identify(guild))
        names = [(await socket.receive())["t"] for _ in range(2)]
        assert names == ["READY", "GUILD_CREATE"]
        event = await socket.receive()
        assert (event["t"], event["s"], event["d"]["poll"]["expiry"]) == ("MESSAGE_CREATE", 3, None)
        assert await met(guild, "unreadable") == number


async def test_discord_py_ends_over_it(guild, start_bot):
    """An unmodified client can't bear it: this is what the bot's own guard is for."""
    await start_bot()  # the addresses are set
    await inject(guild, kind="unreadable")
    bot = Bot()
    try:
        with pytest.raises(TypeError):
            await asyncio.wait_for(bot.start(guild.token), 15)
    finally:
        await bot.close()


# --- member_count


@pytest.mark.parametrize("offset", [-1, 1, 3])
async def test_the_count_is_off_and_the_members_are_not(guild, connect, offset):
    await inject(guild, kind="member_count", offset=offset)
    socket = await connect()
    await socket.send(2, identify(guild))
    created = await socket.event("GUILD_CREATE")
    there = len(guild.practice.world.members)
    assert (len(created["members"]), created["member_count"]) == (there, there + offset)
    assert (await guild.control("GET", "/guild"))["member_count"] == there
    assert await met(guild, "member_count") == 1


async def test_discord_py_takes_the_guild_for_incomplete(guild, start_bot):
    await inject(guild, kind="member_count", offset=1)
    seen = (await start_bot()).get_guild(int(guild.id))
    assert seen.member_count == len(seen.members) + 1
    assert seen.chunked is False


# --- session_limit


async def limit(guild):
    _, body, _ = await guild.rest("GET", "/gateway/bot")
    return body["session_start_limit"]


async def test_without_a_fault_discords_own_limit_holds(guild, connect):
    assert await limit(guild) == {
        "total": 1000,
        "remaining": 1000,
        "reset_after": 86_400_000,
        "max_concurrency": 1,
    }
    socket = await connect()
    await socket.send(2, identify(guild))
    await socket.event("READY")
    assert (await limit(guild))["remaining"] == 999


async def test_after_the_last_session_the_token_is_refused(guild, connect):
    await inject(guild, kind="session_limit", total=2)
    for left in (2, 1):
        found = await limit(guild)
        assert (found["total"], found["remaining"]) == (2, left)
        socket = await connect()
        await socket.send(2, identify(guild))
        await socket.event("READY")
    assert (await limit(guild))["remaining"] == 0
    assert await met(guild, "session_limit") == 0
    refused = await connect()
    await refused.send(2, identify(guild))
    assert await refused.close_code() == 4004
    assert await met(guild, "session_limit") == 1
    assert (await guild.control("GET", "/stats"))["identifies"] == 2


async def test_who_resumes_begins_no_session(guild, connect):
    await inject(guild, kind="session_limit", total=1)
    socket = await connect()
    await socket.send(2, identify(guild))
    ready = await socket.event("READY")
    await socket.socket.close(code=4000)
    again = await connect()
    await again.send(6, {"token": guild.token, "session_id": ready["session_id"], "seq": 1})
    await again.event("RESUMED")


async def test_discord_py_ends_at_4004(guild, start_bot):
    await start_bot()
    await inject(guild, kind="session_limit", total=1)
    bot = Bot()
    try:
        with pytest.raises(discord.ConnectionClosed) as closed:
            await asyncio.wait_for(bot.start(guild.token), 15)
    finally:
        await bot.close()
    assert closed.value.code == 4004


# --- malformed


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "refusals"}, "kind must be one of"),
        ({"kind": "refusal", "status": 200}, "status must be a number from 400 to 599."),
        ({"kind": "refusal", "status": "403"}, "status must be a number"),
        ({"kind": "page", "status": 403.5}, "status must be a whole number."),
        ({"kind": "refusal", "discord_code": -1}, "discord_code must be a number from 0"),
        ({"kind": "refusal", "discord_code": True}, "discord_code must be a number"),
        ({"kind": "page", "times": -1}, "times must be a number from 0"),
        ({"kind": "page", "times": 1.5}, "times must be a whole number."),
        ({"kind": "page", "times": None}, "times must be a number"),
        ({"kind": "page", "route": 7}, "route must be text"),
        ({"kind": "unreadable", "seconds": 0}, "seconds must be more than 0."),
        ({"kind": "unreadable", "seconds": float("nan")}, "seconds must be a number"),
        ({"kind": "member_count", "offset": 101}, "offset must be a number from -100 to 100."),
        ({"kind": "member_count", "offset": "1"}, "offset must be a number"),
        ({"kind": "session_limit", "total": -1}, "total must be a number from 0 to 1000."),
        ({"kind": "session_limit", "total": 1001}, "total must be a number from 0 to 1000."),
    ],
)
async def test_a_malformed_fault_is_refused_with_a_sentence(guild, fault, words):
    async with guild.http.post(f"{guild.url}/practice/faults", json=fault) as answer:
        assert answer.status == 400
        error = (await answer.json())["error"]
    assert words in error and error.endswith(".")
    assert (await guild.control("GET", "/faults"))["faults"] == []


async def test_one_kind_is_ended_and_the_others_go_on(guild):
    for kind in ("unreadable", "session_limit", "member_count"):
        await inject(guild, kind=kind)
    await guild.control("DELETE", "/faults?kind=session_limit")
    left = (await guild.control("GET", "/faults"))["faults"]
    assert [fault["kind"] for fault in left] == ["unreadable", "member_count"]
    answer = await guild.control("DELETE", "/faults?kind=earthquake")
    assert answer["error"].startswith("kind must be one of")
    await guild.control("DELETE", "/faults")
    assert (await guild.control("GET", "/faults"))["faults"] == []


# --- what the guild keeps of it


async def test_a_members_history_is_in_the_order_of_what_happened(guild):
    member = await guild.member()
    _, channel, _ = await guild.rest("POST", "/users/@me/channels", {"recipient_id": member})
    say = f"/channels/{channel['id']}/messages"
    await guild.rest("POST", say, {"content": "soon"})
    await guild.rest("PUT", grant(guild, member))
    await guild.rest("PUT", grant(guild, member))  # no second one: nothing happened
    await guild.rest("POST", say, {"content": "done"})
    await guild.rest("DELETE", grant(guild, member))
    found = await guild.control("GET", f"/members/{member}/history")
    assert [(one["what"], one["text"]) for one in found["history"]] == [
        ("message", "soon"),
        ("role given", "Verified 21+"),
        ("message", "done"),
        ("role taken", "Verified 21+"),
    ]


async def test_nobody_has_no_history(guild):
    assert await guild.control("GET", "/members/42/history") == {"error": "There is no member 42."}

"""The control surface: its contract, its refusals, its faults."""

import pytest


async def test_guild_tells_channels_roles_and_the_token(guild):
    seen = await guild.control("GET", "/guild")
    assert seen["id"] == guild.id
    assert seen["token"].count(".") == 2
    channels = {channel["name"]: channel["type"] for channel in seen["channels"]}
    for name in ("growing-help", "monitoring-alerts", "critical-alerts", "ops-alerts"):
        assert channels[name] == 0
    assert list(channels.values()).count(2) == 2
    order = [role["name"] for role in seen["roles"]]
    assert order[0] == "@everyone"
    assert order.index("Verified 21+") < order.index("Growmies") < order.index("Administrator")


async def test_member_as_asked_for(guild):
    made = await guild.control(
        "POST",
        "/members",
        {
            "username": "hazel",
            "display_name": "Hazel",
            "roles": ["Verified 21+", "Grower"],
            "dms_open": False,
            "account_age_days": 2000,
            "joined_at": "2026-01-01T00:00:00Z",
        },
    )
    seen = await guild.control("GET", f"/members/{made['id']}")
    assert seen["username"] == "hazel"
    assert seen["roles"] == ["Verified 21+", "Grower"]
    assert seen["joined_at"].startswith("2026-01-01T00:00:00")
    assert seen["account_created"] < "2025"
    assert (seen["in_guild"], seen["banned"], seen["dms_open"]) == (True, False, False)
    assert (seen["dms"], seen["ephemeral"], seen["timed_out_until"]) == ([], [], None)


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/members", {}, "username"),
        ("/members", {"username": "x", "roles": ["Nobody"]}, "There is no role Nobody"),
        ("/members", {"username": "x", "account_age_days": -1}, "account_age_days"),
        ("/members", {"username": "x", "joined_at": "soon"}, "joined_at"),
        ("/members/42/leave", {}, "There is no member 42"),
        ("/roles", {}, "name must be text"),
        ("/roles", {"name": "Verified 21+"}, "There is a role Verified 21+ already"),
        ("/faults", {"kind": "earthquake"}, "kind must be one of"),
        ("/faults", {"kind": "errors", "seconds": -1}, "seconds"),
    ],
)
async def test_bad_input_is_one_clear_sentence(guild, path, body, words):
    before = len(guild.practice.world.users)
    async with guild.http.post(f"{guild.url}/practice{path}", json=body) as answer:
        assert 400 <= answer.status < 500
        assert words in (await answer.json())["error"]
    assert len(guild.practice.world.users) == before


async def test_a_deleted_role_is_made_again(guild):
    await guild.control("DELETE", "/roles/Verified 21+")
    made = await guild.control("POST", "/roles", {"name": "Verified 21+"})
    roles = {role["name"]: role["id"] for role in (await guild.control("GET", "/guild"))["roles"]}
    assert roles["Verified 21+"] == made["id"]
    assert made["position"] == 1


async def test_other_sites_may_not_drive_it(guild):
    headers = {"Origin": "http://evil.example"}
    async with guild.http.post(
        f"{guild.url}/practice/members", json={"username": "x"}, headers=headers
    ) as answer:
        assert answer.status == 403
    async with guild.http.get(
        f"{guild.url}/practice/guild", headers={"Host": "evil.example"}
    ) as answer:
        assert answer.status == 403


async def test_unregistered_command_is_said_to_be_missing(guild):
    member = await guild.member()
    answer = await guild.control("POST", f"/members/{member}/commands", {"name": "nothing"})
    assert answer == {"error": "The bot has not registered a command /nothing."}


async def test_who_left_comes_back_without_roles(guild):
    member = await guild.member(roles=["Verified 21+"])
    left = await guild.control("POST", f"/members/{member}/leave")
    assert (left["in_guild"], left["roles"]) == (False, [])
    back = await guild.control("POST", f"/members/{member}/join")
    assert (back["in_guild"], back["roles"]) == (True, [])


async def test_who_is_banned_stays_out(guild):
    member = await guild.member()
    await guild.rest("PUT", f"/guilds/{guild.id}/bans/{member}")
    answer = await guild.control("POST", f"/members/{member}/join")
    assert answer == {"error": "This user is banned."}


async def test_staff_channel_is_hidden_from_members(guild):
    member = await guild.member()
    answer = await guild.control(
        "POST", f"/members/{member}/messages", {"channel": "mod-log", "content": "hi"}
    )
    assert answer == {"error": "This member can't see #mod-log."}


async def test_outage_is_503_until_it_is_mended(guild):
    await guild.control("POST", "/faults", {"kind": "outage", "seconds": 60})
    status = (await guild.http.get(f"{guild.url}/api/v10/gateway")).status
    await guild.control("DELETE", "/faults")
    assert (status, (await guild.rest("GET", "/gateway"))[0]) == (503, 200)


async def test_errors_of_one_route_leave_the_others(guild):
    await guild.control(
        "POST", "/faults", {"kind": "errors", "seconds": 60, "status": 502, "route": "GET /users"}
    )
    assert (await guild.rest("GET", "/users/@me"))[0] == 502
    assert (await guild.rest("GET", "/gateway/bot"))[0] == 200


async def test_bucket_limit_fault_says_how_long(guild):
    await guild.control("POST", "/faults", {"kind": "ratelimit", "seconds": 60, "scope": "bucket"})
    status, body, headers = await guild.rest("GET", "/users/@me")
    assert status == 429
    assert 50 < body["retry_after"] <= 60
    assert (body["global"], headers["X-RateLimit-Scope"]) == (False, "user")


async def test_gateway_is_refused_while_dropped(guild, connect):
    await guild.control("POST", "/faults", {"kind": "drop_gateway", "seconds": 60})
    async with guild.http.get(f"{guild.url}/") as answer:
        assert answer.status == 503


async def test_reset_forgets_members_and_counts(guild):
    await guild.member()
    await guild.control("POST", "/reset")
    names = [p["username"] for p in (await guild.control("GET", "/members"))["members"]]
    assert "fern" not in names
    assert "marigold" in names
    assert (await guild.control("GET", "/guild"))["id"] == guild.id

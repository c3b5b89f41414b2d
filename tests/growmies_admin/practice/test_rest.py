"""REST v10, called raw: shapes, refusals, headers."""

import asyncio

import pytest


async def send(guild, channel="general", **body):
    path = f"/channels/{guild.channel(channel)}/messages"
    return await guild.rest("POST", path, body)


async def test_answers_are_exactly_json_with_honest_limit_headers(guild):
    status, me, headers = await guild.rest("GET", "/users/@me")
    assert status == 200
    assert me["bot"] is True
    assert headers["Content-Type"] == "application/json"
    assert headers["Via"]
    names = {name for name in headers if name.startswith("X-RateLimit-")}
    assert len(names) == 5


async def test_unknown_route_is_404_in_discords_shape(guild):
    status, body, headers = await guild.rest("GET", "/nowhere")
    assert (status, body) == (404, {"message": "404: Not Found", "code": 0})
    assert headers["Content-Type"] == "application/json"


async def test_wrong_method_is_405_in_discords_shape(guild):
    status, body, _ = await guild.rest("POST", "/users/@me")
    assert (status, body) == (405, {"message": "405: Method Not Allowed", "code": 0})


@pytest.mark.parametrize("value", ["", "Bot MTIz.abc.def", "Bearer x"])
async def test_wrong_token_is_401(guild, value):
    status, body, _ = await guild.rest("GET", "/users/@me", Authorization=value)
    assert (status, body) == (401, {"message": "401: Unauthorized", "code": 0})


async def test_gateway_is_named(guild):
    status, body, _ = await guild.rest("GET", "/gateway/bot")
    assert status == 200
    assert body["url"] == guild.gateway
    assert body["shards"] == 1
    assert body["session_start_limit"]["max_concurrency"] == 1


async def test_malformed_snowflake_is_a_form_error(guild):
    status, body, _ = await guild.rest("GET", "/users/abc")
    assert (status, body["code"], body["message"]) == (400, 50035, "Invalid Form Body")
    assert body["errors"]["user_id"]["_errors"][0]["code"] == "NUMBER_TYPE_COERCE"


async def test_body_that_is_no_json_is_refused(guild):
    url = f"{guild.url}/api/v10/users/@me/channels"
    headers = {"Authorization": f"Bot {guild.token}", "Content-Type": "application/json"}
    async with guild.http.post(url, data=b"{nope", headers=headers) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, 50109)


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/channels/42", 10003),
        ("GET", "/guilds/42", 10004),
        ("GET", "/guilds/{g}/members/42", 10007),
        ("PUT", "/guilds/{g}/members/42/roles/{r}", 10007),
        ("GET", "/channels/{c}/messages/42", 10008),
        ("GET", "/guilds/{g}/roles/42", 10011),
        ("GET", "/users/42", 10013),
        ("POST", "/webhooks/42/token", 10015),
        ("GET", "/guilds/{g}/bans/42", 10026),
        ("POST", "/interactions/42/token/callback", 10062),
    ],
)
async def test_unknown_things_are_404_with_their_code(guild, method, path, code):
    path = path.format(g=guild.id, r=guild.role("Verified 21+"), c=guild.channel("general"))
    status, body, _ = await guild.rest(method, path, {"content": "x"})
    assert (status, body["code"]) == (404, code)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 50006),
        ({"content": "x" * 2001}, 50035),
        ({"content": "x", "nonce": "n" * 26}, 50035),
        ({"embeds": [{"title": "x" * 257}]}, 50035),
        ({"components": [{"type": 1, "components": []}]}, 50035),
        ({"content": "x", "components": [{"type": 2, "style": 1}]}, 50035),
    ],
)
async def test_malformed_message_is_400(guild, body, code):
    status, answer, _ = await send(guild, **body)
    assert (status, answer["code"]) == (400, code)
    assert guild.practice.world.messages(guild.channel("general")) == {}


async def test_same_nonce_gives_the_message_that_is_there(guild):
    _, first, _ = await send(guild, content="once", nonce="effect-7", enforce_nonce=True)
    status, second, _ = await send(guild, content="once", nonce="effect-7", enforce_nonce=True)
    assert status == 200
    assert second["id"] == first["id"]
    assert len(guild.practice.world.messages(guild.channel("general"))) == 1


async def test_nonce_without_enforcement_sends_twice(guild):
    _, first, _ = await send(guild, content="twice", nonce="effect-7")
    _, second, _ = await send(guild, content="twice", nonce="effect-7")
    assert second["id"] != first["id"]


async def test_sixth_message_at_once_is_429_for_its_bucket_only(guild):
    answers = [await send(guild, content=str(n)) for n in range(6)]
    status, body, headers = answers[-1]
    assert [a[0] for a in answers[:5]] == [200] * 5
    assert status == 429
    assert isinstance(body["retry_after"], float)
    assert body["global"] is False
    assert headers["X-RateLimit-Remaining"] == "0"
    assert headers["X-RateLimit-Scope"] == "user"
    assert headers["Via"]
    assert (await send(guild, "growing-help", content="other"))[0] == 200


async def test_more_than_fifty_a_second_are_429_for_all(guild):
    answers = await asyncio.gather(*(guild.rest("GET", f"/users/{n}") for n in range(1, 60)))
    refused = [a for a in answers if a[0] == 429]
    assert refused
    assert all(body["global"] for _, body, _ in refused if "X-RateLimit-Global" in _)
    assert any(headers.get("X-RateLimit-Global") == "true" for _, _, headers in refused)


async def test_address_is_shut_out_after_ten_thousand_invalid_requests(guild):
    for _ in range(10_000):
        guild.practice.limits.count_invalid()
    url = f"{guild.url}/api/v10/users/@me"
    async with guild.http.get(url) as answer:
        assert answer.status == 429
        assert "Via" not in answer.headers
        assert answer.content_type == "text/plain"


async def test_staff_channel_that_the_bot_lost_is_missing_access(guild):
    overwrites = guild.practice.world.channel(guild.channel("staff"))["permission_overwrites"]
    overwrites[:] = [o for o in overwrites if o["id"] != guild.role("Growmies")]
    status, body, _ = await send(guild, "staff", content="x")
    assert (status, body["code"]) == (403, 50001)


async def test_reason_is_decoded_into_the_audit_log(guild):
    member = await guild.member()
    role = guild.role("Verified 21+")
    path = f"/guilds/{guild.id}/members/{member}/roles/{role}"
    status, _, _ = await guild.rest("PUT", path, **{"X-Audit-Log-Reason": "21%2B %E2%9C%93"})
    assert status == 204
    _, log, _ = await guild.rest("GET", f"/guilds/{guild.id}/audit-logs?limit=1")
    (entry,) = log["audit_log_entries"]
    assert entry["reason"] == "21+ ✓"
    assert entry["action_type"] == 25
    assert entry["changes"][0]["new_value"] == [{"id": role, "name": "Verified 21+"}]


async def test_role_granted_twice_counts_once(guild):
    member = await guild.member()
    role = guild.role("Verified 21+")
    path = f"/guilds/{guild.id}/members/{member}/roles/{role}"
    for _ in range(2):
        assert (await guild.rest("PUT", path))[0] == 204
    stats = await guild.control("GET", "/stats")
    assert stats["role_grants"] == {member: {"Verified 21+": 1}}
    assert stats["role_grant_calls"] == {member: {"Verified 21+": 2}}


async def test_timeout_longer_than_28_days_is_refused(guild):
    member = await guild.member()
    status, body, _ = await guild.rest(
        "PATCH",
        f"/guilds/{guild.id}/members/{member}",
        {"communication_disabled_until": "2099-01-01T00:00:00+00:00"},
    )
    assert (status, body["code"]) == (400, 50035)


async def test_administrator_cannot_be_timed_out_or_kicked(guild):
    owner = guild.practice.world.meta["owner_id"]
    status, body, _ = await guild.rest("DELETE", f"/guilds/{guild.id}/members/{owner}")
    assert (status, body["code"]) == (403, 50013)


async def test_bulk_ban_lists_whom_it_could_not_ban(guild):
    member = await guild.member()
    status, body, _ = await guild.rest(
        "POST", f"/guilds/{guild.id}/bulk-ban", {"user_ids": [int(member), "42"]}
    )
    assert status == 200
    assert body == {"banned_users": [member], "failed_users": ["42"]}


async def test_commands_keep_their_id_over_an_overwrite(guild):
    path = f"/applications/{guild.practice.world.bot_id}/guilds/{guild.id}/commands"
    command = {"name": "verify", "description": "Verify"}
    _, (first,), _ = await guild.rest("PUT", path, [command])
    assert first["guild_id"] == guild.id
    _, (second,), _ = await guild.rest("PUT", path, [command | {"description": "Other"}])
    assert second["id"] == first["id"]
    assert second["version"] != first["version"]
    _, left, _ = await guild.rest("PUT", path, [])
    assert left == []


async def test_malformed_command_name_is_400(guild):
    path = f"/applications/{guild.practice.world.bot_id}/commands"
    status, body, _ = await guild.rest("PUT", path, [{"name": "No Way", "description": "x"}])
    assert (status, body["code"]) == (400, 50035)


async def test_channel_webhook_posts_and_edits(guild):
    path = f"/channels/{guild.channel('ops-alerts')}/webhooks"
    _, webhook, _ = await guild.rest("POST", path, {"name": "Alerts"})
    path = f"/webhooks/{webhook['id']}/{webhook['token']}"
    status, message, _ = await guild.rest(
        "POST", f"{path}?wait=true", {"content": "Down"}, Authorization=""
    )
    assert (status, message["webhook_id"]) == (200, webhook["id"])
    status, message, _ = await guild.rest(
        "PATCH", f"{path}/messages/{message['id']}", {"content": "Up"}, Authorization=""
    )
    assert (status, message["content"]) == (200, "Up")
    async with guild.http.post(webhook["url"], json={"content": "Copied"}) as answer:
        assert answer.status == 204
    status, body, _ = await guild.rest(
        "POST", f"/webhooks/{webhook['id']}/wrong", {"content": "x"}, Authorization=""
    )
    assert (status, body["code"]) == (401, 50027)

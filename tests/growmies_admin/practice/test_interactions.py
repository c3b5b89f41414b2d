"""Interactions, answered raw: deadlines, second answers, what the member sees."""

import asyncio
import dataclasses

import pytest

from .conftest import identify


@pytest.fixture
async def ask(guild, connect):
    """`interaction, result = await ask(answer)`: /verify is used, `answer(interaction)` runs."""
    path = f"/applications/{guild.practice.world.bot_id}/commands"
    await guild.rest("PUT", path, [{"name": "verify", "description": "Verify"}])
    socket = await connect()
    await socket.send(2, identify(guild))
    await socket.event("GUILD_CREATE")
    member = await guild.member()

    async def use(answer=None):
        path = f"/members/{member}/commands"
        using = asyncio.create_task(guild.control("POST", path, {"name": "verify"}))
        interaction = await socket.event("INTERACTION_CREATE")
        if answer is not None:
            await answer(interaction)
        return interaction, await using

    use.member = member
    return use


def callback(interaction):
    return f"/interactions/{interaction['id']}/{interaction['token']}/callback"


async def test_interaction_is_complete(guild, ask):
    async def answer(interaction):
        await guild.rest(
            "POST", callback(interaction), {"type": 4, "data": {"content": "x"}}, Authorization=""
        )

    interaction, _ = await ask(answer)
    assert interaction["type"] == 2
    assert interaction["data"]["name"] == "verify"
    assert interaction["member"]["user"]["id"] == ask.member
    assert interaction["member"]["permissions"].isdigit()
    assert interaction["channel"]["name"] == "general"
    assert interaction["guild_id"] == guild.id
    assert interaction["attachment_size_limit"] > 0
    assert interaction["version"] == 1


async def test_callback_is_204_and_with_response_tells_the_message(guild, ask):
    seen = []

    async def answer(interaction):
        data = {"type": 4, "data": {"content": "private", "flags": 64}}
        seen.append(await guild.rest("POST", f"{callback(interaction)}?with_response=true", data))

    interaction, result = await ask(answer)
    status, body, _ = seen[0]
    assert status == 200
    assert body["interaction"]["id"] == interaction["id"]
    assert body["interaction"]["response_message_ephemeral"] is True
    assert body["resource"]["message"]["content"] == "private"
    assert result["responses"][0]["ephemeral"] is True


async def test_second_callback_is_40060(guild, ask):
    seen = []

    async def answer(interaction):
        data = {"type": 4, "data": {"content": "x"}}
        seen.append(await guild.rest("POST", callback(interaction), data))
        seen.append(await guild.rest("POST", callback(interaction), data))

    await ask(answer)
    assert seen[0][0] == 204
    assert (seen[1][0], seen[1][1]["code"]) == (400, 40060)


async def test_silence_shows_that_the_application_did_not_respond(guild, ask):
    guild.practice.config = dataclasses.replace(guild.practice.config, answer_deadline_seconds=0.1)
    interaction, result = await ask()
    (answer,) = result["responses"]
    assert answer == {
        "content": "The application did not respond",
        "embeds": [],
        "components": [],
        "ephemeral": True,
    }
    status, body, _ = await guild.rest("POST", callback(interaction), {"type": 5})
    assert (status, body["code"]) == (404, 10062)


async def test_follow_up_before_the_answer_is_an_unknown_webhook(guild, ask):
    seen = []

    async def answer(interaction):
        path = f"/webhooks/{interaction['application_id']}/{interaction['token']}"
        seen.append(await guild.rest("POST", path, {"content": "early"}))
        await guild.rest("POST", callback(interaction), {"type": 4, "data": {"content": "x"}})

    await ask(answer)
    assert (seen[0][0], seen[0][1]["code"]) == (404, 10015)


async def test_deferred_answer_is_the_edited_original(guild, ask):
    async def answer(interaction):
        await guild.rest("POST", callback(interaction), {"type": 5, "data": {"flags": 64}})
        path = f"/webhooks/{interaction['application_id']}/{interaction['token']}"
        await guild.rest("PATCH", f"{path}/messages/@original", {"content": "ready"})

    _, result = await ask(answer)
    assert result["responses"][0]["content"] == "ready"
    details = await guild.control("GET", f"/members/{ask.member}")
    assert details["ephemeral"] == ["ready"]


async def test_follow_up_refers_to_the_first_answer(guild, ask):
    seen = []

    async def answer(interaction):
        await guild.rest("POST", callback(interaction), {"type": 4, "data": {"content": "first"}})
        path = f"/webhooks/{interaction['application_id']}/{interaction['token']}"
        seen.append(await guild.rest("POST", path, {"content": "second"}))

    _, result = await ask(answer)
    first = result["responses"][0]
    _, message, _ = seen[0]
    assert (first["content"], message["content"]) == ("first", "second")
    assert message["interaction_metadata"]["original_response_message_id"] == first["id"]
    assert message["type"] == 19


async def test_answer_to_a_modal_tells_what_opened_it(guild, ask, connect):
    async def answer(interaction):
        row = {"type": 1, "components": [{"type": 4, "custom_id": "t", "label": "T", "style": 1}]}
        data = {"custom_id": "form", "title": "Form", "components": [row]}
        await guild.rest("POST", callback(interaction), {"type": 9, "data": data})

    interaction, opened = await ask(answer)
    assert opened["modal"]["custom_id"] == "form"
    other = await connect()
    await other.send(2, identify(guild))
    await other.event("GUILD_CREATE")
    body = {"custom_id": "form", "values": {"t": "words"}}
    sending = asyncio.create_task(guild.control("POST", f"/members/{ask.member}/modals", body))
    sent = await other.event("INTERACTION_CREATE")
    assert sent["type"] == 5
    assert sent["data"]["components"][0]["components"][0]["value"] == "words"
    _, told, _ = await guild.rest(
        "POST",
        f"{callback(sent)}?with_response=true",
        {"type": 4, "data": {"content": "thanks"}},
    )
    about = told["resource"]["message"]["interaction_metadata"]
    assert about["triggering_interaction_metadata"]["id"] == interaction["id"]
    assert (await sending)["responses"][0]["content"] == "thanks"


async def test_original_can_be_read_and_deleted(guild, ask):
    seen = []

    async def answer(interaction):
        await guild.rest("POST", callback(interaction), {"type": 4, "data": {"content": "x"}})
        path = f"/webhooks/{interaction['application_id']}/{interaction['token']}"
        original = f"{path}/messages/@original"
        seen.extend([await guild.rest(m, original) for m in ("GET", "DELETE", "GET")])

    await ask(answer)
    assert [status for status, _, _ in seen] == [200, 204, 404]
    assert seen[2][1]["code"] == 10008


async def test_update_without_a_message_is_a_form_error(guild, ask):
    seen = []

    async def answer(interaction):
        seen.append(
            await guild.rest("POST", callback(interaction), {"type": 7, "data": {"content": "x"}})
        )
        await guild.rest("POST", callback(interaction), {"type": 4, "data": {"content": "x"}})

    await ask(answer)
    assert (seen[0][0], seen[0][1]["code"]) == (400, 50035)

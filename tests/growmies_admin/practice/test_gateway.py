"""The gateway, spoken to raw: any conforming client must be able to."""

import asyncio
import json
import zlib

import pytest
import zstandard

from .conftest import identify


def zlib_stream():
    stream = zlib.decompressobj()

    def decode(data):
        assert data.endswith(b"\x00\x00\xff\xff")
        return stream.decompress(data)

    return decode


def zstd_stream():
    return zstandard.ZstdDecompressor().decompressobj().decompress


@pytest.mark.parametrize(
    ("compress", "decode"),
    [("", None), ("&compress=zlib-stream", zlib_stream), ("&compress=zstd-stream", zstd_stream)],
    ids=["plain", "zlib", "zstd"],
)
async def test_identify_gives_ready_then_the_guild(guild, connect, compress, decode):
    socket = await connect(f"?v=10&encoding=json{compress}", decode and decode())
    await socket.send(1, None)
    assert (await socket.receive())["op"] == 11
    await socket.send(2, identify(guild))
    ready = await socket.receive()
    assert (ready["t"], ready["s"], ready["op"]) == ("READY", 1, 0)
    assert ready["d"]["guilds"] == [{"id": guild.id, "unavailable": True}]
    assert ready["d"]["resume_gateway_url"] == guild.gateway
    assert ready["d"]["application"]["id"] == ready["d"]["user"]["id"]
    assert ready["d"]["v"] == 10
    created = await socket.receive()
    assert (created["t"], created["s"]) == ("GUILD_CREATE", 2)
    assert created["d"]["unavailable"] is False
    assert len(created["d"]["members"]) == created["d"]["member_count"]


async def test_payload_compression_when_identify_asks(guild, connect):
    decode = lambda data: zlib.decompress(data) if isinstance(data, bytes) else data  # noqa: E731
    socket = await connect("?v=10&encoding=json", decode)
    await socket.send(2, identify(guild, compress=True))
    assert (await socket.event("GUILD_CREATE"))["name"] == "Growmies NJ"


async def test_binary_frames_are_read(guild, connect):
    socket = await connect()
    await socket.socket.send_bytes(json.dumps({"op": 2, "d": identify(guild)}).encode())
    assert (await socket.event("READY"))["session_id"]


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ("not json", 4002),
        ({"op": 99, "d": {}}, 4001),
        ({"op": 8, "d": {"guild_id": "1", "query": "", "limit": 0}}, 4003),
        ({"op": 2, "d": {"token": "MTIz.abc.def", "intents": 0}}, 4004),
        ({"op": 6, "d": {"token": "MTIz.abc.def", "session_id": "x", "seq": 1}}, 4004),
        ({"op": 2, "d": {"intents": 1 << 30}}, 4013),
        ({"op": 2, "d": {"intents": 1, "shard": [2, 2]}}, 4010),
        ("x" * 5000, 4002),
    ],
)
async def test_wrong_payload_closes_with_its_code(guild, connect, payload, code):
    socket = await connect()
    if isinstance(payload, dict) and payload["op"] == 2:
        payload["d"].setdefault("token", guild.token)
    text = payload if isinstance(payload, str) else json.dumps(payload)
    await socket.socket.send_str(text)
    assert await socket.close_code() == code


async def test_second_identify_closes_4005(guild, connect):
    socket = await connect()
    await socket.send(2, identify(guild))
    await socket.send(2, identify(guild))
    assert await socket.close_code() == 4005


async def test_privileged_intents_can_be_refused_with_4014(guild, connect):
    await guild.control("PATCH", "/bot", {"intents_allowed": False})
    socket = await connect()
    await socket.send(2, identify(guild))
    assert await socket.close_code() == 4014


async def test_other_api_version_closes_4012(guild, connect):
    socket = await guild.http.ws_connect(f"{guild.gateway}/?v=8&encoding=json")
    await socket.receive()
    assert socket.close_code == 4012


async def test_events_follow_intents(guild, connect):
    quiet, loud = await connect(), await connect()
    await quiet.send(2, identify(guild, intents=1 | 1 << 9))
    await loud.send(2, identify(guild))
    await quiet.event("GUILD_CREATE")
    await loud.event("GUILD_CREATE")
    member = await guild.member()
    await guild.control(
        "POST", f"/members/{member}/messages", {"channel": "general", "content": "secret"}
    )
    first = await quiet.receive()
    assert first["t"] == "MESSAGE_CREATE"
    assert first["d"]["content"] == ""
    assert (await loud.event("GUILD_MEMBER_ADD"))["user"]["id"] == member
    heard = await loud.event("MESSAGE_CREATE")
    assert heard["content"] == "secret"
    assert heard["guild_id"] == guild.id
    assert heard["member"]["joined_at"]


async def test_member_chunks_echo_the_nonce_and_list_the_unknown(guild, connect):
    socket = await connect()
    await socket.send(2, identify(guild))
    await socket.event("GUILD_CREATE")
    await socket.send(
        8, {"guild_id": int(guild.id), "query": "", "limit": 0, "presences": True, "nonce": "n1"}
    )
    chunk = await socket.event("GUILD_MEMBERS_CHUNK")
    assert chunk["nonce"] == "n1"
    assert (chunk["chunk_index"], chunk["chunk_count"]) == (0, 1)
    assert len(chunk["members"]) == len(guild.practice.world.members)
    assert chunk["presences"]
    await socket.send(8, {"guild_id": guild.id, "user_ids": ["42"]})
    chunk = await socket.event("GUILD_MEMBERS_CHUNK")
    assert (chunk["members"], chunk["not_found"]) == ([], ["42"])


async def resumable(guild, connect):
    socket = await connect()
    await socket.send(2, identify(guild))
    ready = await socket.event("READY")
    created = await socket.receive()
    await socket.socket.close(code=4000)
    await asyncio.sleep(0.05)
    return ready["session_id"], created["s"]


async def test_resume_replays_what_was_missed(guild, connect):
    session_id, seq = await resumable(guild, connect)
    member = await guild.member(presence="offline")
    socket = await connect()
    await socket.send(6, {"token": guild.token, "session_id": session_id, "seq": seq})
    missed = await socket.receive()
    assert (missed["t"], missed["s"]) == ("GUILD_MEMBER_ADD", seq + 1)
    assert missed["d"]["user"]["id"] == member
    resumed = await socket.receive()
    assert resumed["t"] == "RESUMED"
    assert isinstance(resumed["d"], dict)


async def test_resume_of_an_unknown_session_is_invalid(guild, connect):
    socket = await connect()
    await socket.send(6, {"token": guild.token, "session_id": "gone", "seq": 1})
    answer = await socket.receive()
    assert (answer["op"], answer["d"]) == (9, False)
    await socket.send(2, identify(guild))
    await socket.event("READY")


async def test_resume_beyond_the_last_event_closes_4007(guild, connect):
    session_id, seq = await resumable(guild, connect)
    socket = await connect()
    await socket.send(6, {"token": guild.token, "session_id": session_id, "seq": seq + 5})
    assert await socket.close_code() == 4007


async def test_goodbye_with_1000_ends_the_session(guild, connect):
    socket = await connect()
    await socket.send(2, identify(guild))
    ready = await socket.event("READY")
    await socket.socket.close(code=1000)
    await asyncio.sleep(0.05)
    socket = await connect()
    await socket.send(6, {"token": guild.token, "session_id": ready["session_id"], "seq": 1})
    assert (await socket.receive())["op"] == 9


async def test_events_number_on_without_a_gap_over_10_000(guild, connect):
    session_id, seq = await resumable(guild, connect)
    for number in range(10_000):
        guild.practice.dispatch("TYPING_START", {"n": number})
    socket = await connect()
    await socket.send(6, {"token": guild.token, "session_id": session_id, "seq": seq})
    numbers = [(await socket.receive())["s"] for _ in range(10_000)]
    assert numbers == list(range(seq + 1, seq + 10_001))
    assert (await socket.receive())["t"] == "RESUMED"


async def test_silent_client_is_closed_4009(tmp_path, http):
    from growmies_admin.practice.config import Config
    from growmies_admin.practice.context import Practice
    from growmies_admin.practice.server import serving

    practice = Practice(Config("127.0.0.1", 0, tmp_path / "p", heartbeat_interval_ms=100))
    async with serving(practice):
        socket = await http.ws_connect(f"ws://127.0.0.1:{practice.port}/?v=10&encoding=json")
        await socket.receive()
        await socket.receive()
        assert socket.close_code == 4009
    practice.close()


async def test_two_shards_get_the_guild_once(guild, connect):
    first, second = await connect(), await connect()
    await first.send(2, identify(guild, shard=[0, 2]))
    await second.send(2, identify(guild, shard=[1, 2]))
    guilds = [len((await s.event("READY"))["guilds"]) for s in (first, second)]
    assert sorted(guilds) == [0, 1]

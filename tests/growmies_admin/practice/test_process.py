"""The process: what it refuses to start with, what it keeps, how it stops."""

import asyncio
import os
import signal
import stat
import subprocess
import sys

import aiohttp
import pytest

from growmies_admin.practice.config import Config, ConfigError


def test_killed_guild_comes_back_with_roles_dms_and_token(start):
    first = start()
    guild = first.call("GET", "/practice/guild")
    member = first.call("POST", "/practice/members", {"username": "fern"})["id"]
    role = next(r["id"] for r in guild["roles"] if r["name"] == "Verified 21+")
    token = guild["token"]
    path = f"/api/v10/guilds/{guild['id']}/members/{member}/roles/{role}"
    first.call("PUT", path, token=token)
    channel = first.call("POST", "/api/v10/users/@me/channels", {"recipient_id": member}, token)
    message = {"content": "Welcome", "nonce": "7", "enforce_nonce": True}
    path = f"/api/v10/channels/{channel['id']}/messages"
    sent = first.call("POST", path, message, token)
    first.end(signal.SIGKILL)

    second = start()
    assert second.call("GET", "/practice/guild")["token"] == token
    seen = second.call("GET", f"/practice/members/{member}")
    assert (seen["roles"], seen["dms"]) == (["Verified 21+"], ["Welcome"])
    assert second.call("POST", path, message, token)["id"] == sent["id"]
    assert second.call("GET", "/practice/stats")["dms"] == {member: 1}


def test_token_file_is_for_the_owner_only(start):
    process = start()
    mode = (process.data_dir / "practice" / "token").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


async def test_stops_within_two_seconds_with_open_sockets(start):
    process = await asyncio.to_thread(start)
    async with aiohttp.ClientSession() as http:
        socket = await http.ws_connect(process.url.replace("http", "ws") + "/?v=10&encoding=json")
        await socket.receive()
        news = await http.get(f"{process.url}/practice/changes")
        status, seconds = await asyncio.to_thread(process.end, signal.SIGTERM)
        news.close()
        await socket.close()
    assert status == 0
    assert seconds < 2


def test_second_guild_on_the_same_state_is_refused(start):
    first = start()
    env = os.environ | {
        "GROWMIES_PRACTICE": "1",
        "GROWMIES_DATA_DIR": str(first.data_dir),
        "PRACTICE_PORT": "0",
    }
    second = subprocess.run(
        [sys.executable, "-m", "growmies_admin.practice"],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert second.returncode == 2
    assert second.stderr.startswith("Another practice guild uses ")
    assert second.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({}, "GROWMIES_PRACTICE=1"),
        ({"GROWMIES_PRACTICE": "1", "PRACTICE_HOST": "0.0.0.0"}, "loopback"),
        ({"GROWMIES_PRACTICE": "1", "PRACTICE_PORT": "http"}, "PRACTICE_PORT"),
        ({"GROWMIES_PRACTICE": "1", "DISCORD_TOKEN": "secret"}, "DISCORD_TOKEN"),
    ],
)
def test_bad_environment_is_refused_in_one_line(env, words):
    with pytest.raises(ConfigError) as refused:
        Config.from_environment(env)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "secret" not in str(refused.value)


def test_given_token_is_the_bots_own():
    env = {"GROWMIES_PRACTICE": "1", "DISCORD_TOKEN": "MTIz.abc.def"}
    config = Config.from_environment(env)
    assert config.token == "MTIz.abc.def"
    assert config.port == 8001

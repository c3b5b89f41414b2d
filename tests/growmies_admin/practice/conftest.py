"""A practice guild on a free port, an unmodified discord.py client, and a raw web socket."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands

from growmies_admin.practice.config import Config
from growmies_admin.practice.context import Practice
from growmies_admin.practice.server import serving


class Guild:
    """The running practice guild with shortcuts to its three faces."""

    def __init__(self, practice: Practice, http: aiohttp.ClientSession) -> None:
        self.practice = practice
        self.http = http
        self.url = f"http://127.0.0.1:{practice.port}"
        self.gateway = f"ws://127.0.0.1:{practice.port}"
        self.id = practice.world.guild_id
        self.token = practice.token

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the control surface; the answer's JSON."""
        async with self.http.request(method, f"{self.url}/practice{path}", json=body) as answer:
            return await answer.json()

    async def rest(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any, Any]:
        """A REST call as the bot: status, JSON (or None), headers."""
        headers = {"Authorization": f"Bot {self.token}"} | headers
        async with self.http.request(
            method, f"{self.url}/api/v10{path}", json=body, headers=headers
        ) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text else None, answer.headers

    async def member(self, username: str = "fern", **fields: Any) -> str:
        """A new member's id."""
        made = await self.control("POST", "/members", {"username": username, **fields})
        return str(made["id"])

    def role(self, name: str) -> str:
        """A role's id."""
        return next(r["id"] for r in self.practice.world.roles.values() if r["name"] == name)

    def channel(self, name: str) -> str:
        """A channel's id."""
        found = self.practice.world.by_name("channels", name)
        assert found is not None
        return str(found["id"])


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def guild(tmp_path: Path, http: aiohttp.ClientSession) -> AsyncIterator[Guild]:
    practice = Practice(Config("127.0.0.1", 0, tmp_path / "practice"))
    async with serving(practice):
        yield Guild(practice, http)
    practice.close()


class Bot(discord.Client):
    """An unmodified discord.py client with a command tree."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.all(), guild_ready_timeout=0.05)
        self.tree = app_commands.CommandTree(self)
        self.seen: list[tuple[str, Any]] = []

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        self.seen.append((event, args))
        super().dispatch(event, *args, **kwargs)

    async def until(self, event: str, count: int = 1) -> Any:
        """The arguments of the `count`th such event, waiting for it."""
        async with asyncio.timeout(15):
            while True:
                found = [args for name, args in self.seen if name == event]
                if len(found) >= count:
                    return found[count - 1]
                await asyncio.sleep(0.005)


@pytest.fixture
async def start_bot(guild: Guild) -> AsyncIterator[Callable[..., Any]]:
    """`bot = await start_bot(prepare)`: signed in, ready, commands of `prepare(bot)` synced."""
    discord.http.Route.BASE = f"{guild.url}/api/v10"
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(guild.gateway)
    running: list[tuple[Bot, asyncio.Task[None]]] = []

    async def start(prepare: Callable[[Bot], None] | None = None) -> Bot:
        bot = Bot()
        running.append((bot, asyncio.create_task(bot.start(guild.token))))
        await bot.until("ready")
        if prepare is not None:
            prepare(bot)
            target = discord.Object(int(guild.id))
            bot.tree.copy_global_to(guild=target)
            await bot.tree.sync(guild=target)
        return bot

    yield start
    for bot, task in running:
        await bot.close()
        with contextlib.suppress(Exception):
            await task


class Socket:
    """A raw gateway client that speaks JSON."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, decode: Any = None) -> None:
        self.socket = socket
        self._decode = decode or (lambda data: data)

    async def receive(self) -> dict[str, Any]:
        message = await self.socket.receive(timeout=5)
        assert message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY), message
        return dict(json.loads(self._decode(message.data)))

    async def send(self, op: int, data: Any) -> None:
        await self.socket.send_str(json.dumps({"op": op, "d": data}))

    async def event(self, name: str) -> Any:
        """The data of the next event of this name."""
        while True:
            payload = await self.receive()
            if payload["t"] == name:
                return payload["d"]

    async def close_code(self) -> int | None:
        """The code with which the server ends the connection."""
        while True:
            message = await self.socket.receive(timeout=5)
            if message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED):
                return self.socket.close_code


ALL_INTENTS = 3276799 | 3 << 24


def identify(guild: Guild, **fields: Any) -> dict[str, Any]:
    """IDENTIFY's data."""
    properties = {"os": "linux", "browser": "raw", "device": "raw"}
    data = {"token": guild.token, "intents": ALL_INTENTS, "properties": properties}
    return data | {"large_threshold": 250} | fields


@pytest.fixture
async def connect(guild: Guild) -> AsyncIterator[Callable[..., Any]]:
    """`socket = await connect()`: HELLO received; `connect(query, decode)` for compression."""
    open_sockets: list[aiohttp.ClientWebSocketResponse] = []

    async def open_one(query: str = "?v=10&encoding=json", decode: Any = None) -> Socket:
        socket = Socket(await guild.http.ws_connect(f"{guild.gateway}/{query}"), decode)
        open_sockets.append(socket.socket)
        hello = await socket.receive()
        assert hello["op"] == 10
        assert hello["d"]["heartbeat_interval"] == 41250
        return socket

    yield open_one
    for socket in open_sockets:
        await socket.close()


READY_SECONDS = 15


class Process:
    """`python -m growmies_admin.practice` on a free port."""

    def __init__(self, data_dir, port):
        self.url = f"http://127.0.0.1:{port}"
        self.data_dir = data_dir
        env = os.environ | {
            "GROWMIES_PRACTICE": "1",
            "GROWMIES_DATA_DIR": str(data_dir),
            "PRACTICE_PORT": str(port),
        }
        env.pop("DISCORD_TOKEN", None)
        self.process = subprocess.Popen([sys.executable, "-m", "growmies_admin.practice"], env=env)
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                self.call("GET", "/practice/guild")
                return
            except OSError:
                assert self.process.poll() is None, "it did not start"
                assert time.monotonic() < deadline, "it does not answer"
                time.sleep(0.05)

    def call(self, method, path, body=None, token=""):
        request = urllib.request.Request(self.url + path, method=method)
        request.data = None if body is None else json.dumps(body).encode()
        if token:
            request.add_header("Authorization", f"Bot {token}")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=5) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def end(self, number):
        started = time.monotonic()
        self.process.send_signal(number)
        status = self.process.wait(timeout=10)
        return status, time.monotonic() - started


@pytest.fixture
def start(tmp_path, unused_tcp_port):
    running = []

    def one():
        running.append(Process(tmp_path / "data", unused_tcp_port))
        return running[-1]

    yield one
    for process in running:
        if process.process.poll() is None:
            process.process.kill()
            process.process.wait()

"""The bot keeps up with a loud guild: all handlers and collectors on, beside an empty client."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.conf import settings
from django.db import connection
from prometheus_client.parser import text_string_to_metric_families

from growmies_admin.stack.layout import REPOSITORY
from tests.bench.conftest import SMALL, sized
from tests.bench.ports import free_port
from tests.running import eventually

RATE, SECONDS, YARDSTICK_SECONDS = sized(2_000, 50), sized(60, 2), sized(20, 1)
LAG_LIMIT_SECONDS, ANSWER_LIMIT_SECONDS = 0.05, 1.0


def ask(url: str, body: Any = None, timeout: float = 120) -> str:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        text: str = answer.read().decode()
    return text


def says(url: str) -> bool:
    with contextlib.suppress(OSError):
        ask(url, timeout=2)
        return True
    return False


@contextlib.contextmanager
def process(*arguments: str, env: dict[str, str], **more: Any) -> Iterator[subprocess.Popen[str]]:
    running = subprocess.Popen(
        [sys.executable, *arguments], env=env, cwd=REPOSITORY, text=True, **more
    )
    try:
        yield running
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(15)
        except subprocess.TimeoutExpired:
            running.kill()


@pytest.fixture
def guild(tmp_path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The loud guild's address, and the environment with which a client finds it."""
    port = free_port()
    env = os.environ | {
        "GROWMIES_DATA_DIR": str(tmp_path),
        "GROWMIES_PRACTICE": "1",
        "PRACTICE_PORT": str(port),
    }
    url = f"http://127.0.0.1:{port}"
    with process("-m", "tests.bench.loud_guild", env=env):
        eventually(lambda: says(f"{url}/practice/guild"), within_seconds=30)
        token = json.loads(ask(f"{url}/practice/guild"))["token"]
        yield url, env | {"DISCORD_TOKEN": token, "DISCORD_API_URL": f"{url}/api/v10"}


@contextlib.contextmanager
def bot(env: dict[str, str]) -> Iterator[tuple[str, psutil.Process]]:
    """The address of the real bot's health server, and its process."""
    facts = connection.settings_dict
    address = f"{facts['USER']}:{facts['PASSWORD']}@{facts['HOST']}:{facts['PORT']}"
    port = str(free_port())
    env = env | {
        "DATABASE_URL": f"postgresql://{address}/{facts['NAME']}",
        "REDIS_URL": settings.REDIS_URL,
        "BOT_HEALTH_PORT": port,
        "LOG_LEVEL": "WARNING",
    }
    with process("manage.py", "runbot", env=env) as running:
        url = f"http://127.0.0.1:{port}"
        eventually(lambda: says(f"{url}/ready"), within_seconds=60)
        yield url, psutil.Process(running.pid)


def samples(url: str, name: str) -> dict[tuple[str, ...], float]:
    return {
        tuple(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(ask(f"{url}/metrics"))
        for sample in family.samples
        if sample.name == name
    }


def messages(url: str) -> float:
    return sum(samples(url, "discord_messages_total").values())


def cpu(running: psutil.Process) -> float:
    times = running.cpu_times()
    return times.user + times.system


class Idle(threading.Thread):
    """An event loop that does nothing, beside: how late it is, is the machine's doing."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.late: list[bool] = []
        self.done = threading.Event()

    def run(self) -> None:
        asyncio.run(self._look())

    async def _look(self) -> None:
        while not self.done.is_set():
            began = time.monotonic()
            await asyncio.sleep(0.1)
            self.late.append(time.monotonic() - began - 0.1 > LAG_LIMIT_SECONDS)

    @property
    def share(self) -> float:
        return sum(self.late) / max(len(self.late), 1)


class Asking(threading.Thread):
    """A member who uses a command each second, until told to stop."""

    def __init__(self, guild_url: str) -> None:
        super().__init__(daemon=True)
        self.url = guild_url
        self.took: list[float] = []
        self.done = threading.Event()
        made = json.loads(ask(f"{guild_url}/practice/members", {"username": "fern"}))
        self.member = made["id"]

    def run(self) -> None:
        while not self.done.wait(1):
            began = time.perf_counter()
            # One that is never answered took as long as Discord waits for it.
            with contextlib.suppress(OSError):
                path = f"/practice/members/{self.member}/commands"
                ask(f"{self.url}{path}", {"name": "verify-status"})
            self.took.append(time.perf_counter() - began)


def empty_client(guild_url: str, env: dict[str, str]) -> tuple[float, float]:
    """(messages a second, CPU seconds a thousand messages) of a client without handlers."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with process("tests/bench/empty_client.py", env=env, **pipes) as running:
        assert running.stdin is not None and running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        before = cpu(psutil.Process(running.pid))
        said = talk(guild_url, YARDSTICK_SECONDS)
        time.sleep(1)
        running.stdin.write("\n")
        running.stdin.flush()
        count = int(running.stdout.readline())
        used = cpu(psutil.Process(running.pid)) - before
        running.stdin.close()
        running.wait(15)
    return count / said["seconds"], used / count * 1000


def talk(guild_url: str, seconds: float) -> dict[str, float]:
    said: dict[str, float] = json.loads(
        ask(f"{guild_url}/bench/talk", {"rate": RATE, "seconds": seconds})
    )
    return said


@pytest.mark.django_db(transaction=True)
def test_a_loud_guild(guild: Any, say: Callable[..., None]) -> None:
    guild_url, env = guild
    empty = empty_client(guild_url, env)
    with bot(env) as (url, running):
        _listen(guild_url, url, running, empty, say)


def _listen(
    guild_url: str,
    url: str,
    running: psutil.Process,
    empty: tuple[float, float],
    say: Callable[..., None],
) -> None:
    empty_rate, empty_cpu = empty
    eventually(lambda: samples(url, "discord_guild_members"), within_seconds=30)
    time.sleep(sized(6, 0))  # the scans of the start are over
    asking, idle = Asking(guild_url), Idle()
    before, lag_before, cpu_before = messages(url), lag(url), cpu(running)
    asking.start()
    idle.start()
    said = talk(guild_url, SECONDS)
    used = cpu(running) - cpu_before
    asking.done.set()
    idle.done.set()
    time.sleep(1)
    taken = messages(url) - before
    rate, used = taken / said["seconds"], used / taken * 1000
    late = share_over(lag_before, lag(url), LAG_LIMIT_SECONDS)
    slowest = max(asking.took)
    say(
        "messages a second that the bot takes, times those asked for",
        rate / RATE,
        "1 at least",
        f"{taken:,.0f} of {said['sent']:,} in {said['seconds']:.1f} s; "
        f"the guild's longest pause was {said['longest_tick'] * 1000:.0f} ms",
    )
    say(
        "CPU a message, times that of an empty discord.py client",
        used / empty_cpu,
        "none: printed beside it",
        f"{used:.2f} and {empty_cpu:.2f} ms; the empty one took {empty_rate:,.0f} a second",
    )
    say(
        "part of the event loop's turns that came more than 50 ms late",
        late,
        "0.01 at most",
        f"{idle.share:.2f} of an idle loop's beside it: that part is the machine's",
    )
    say(
        "slowest answer to a command, in seconds",
        slowest,
        f"{ANSWER_LIMIT_SECONDS} at most",
        f"{len(asking.took)} commands",
    )
    assert taken >= said["sent"]
    assert SMALL or rate >= RATE * 0.99
    assert SMALL or late <= 0.01
    assert SMALL or slowest <= ANSWER_LIMIT_SECONDS


def lag(url: str) -> dict[tuple[str, ...], float]:
    return samples(url, "discord_event_loop_lag_seconds_bucket")


def share_over(
    before: dict[tuple[str, ...], float], after: dict[tuple[str, ...], float], limit: float
) -> float:
    grown = {key[0]: after[key] - before.get(key, 0) for key in after}
    return 1 - grown[str(limit)] / grown["+Inf"]

"""`manage.py runbot`: what it refuses to start with, and what it serves once it runs."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from django.conf import settings
from django.db import connection
from prometheus_client.parser import text_string_to_metric_families

from growmies_admin.bot import connection as reconnecting
from growmies_admin.stack.layout import REPOSITORY

SECONDS = 30


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def until(what, process):
    """The first truthy answer of `what`, while the process lives."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            if found := what():
                return found
        except OSError:
            pass
        assert process.poll() is None, "the process ended"
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.1)


@pytest.fixture
def guild(tmp_path):
    """The address of a practice guild, and the token that it accepts."""
    port = free_port()
    env = os.environ | {
        "GROWMIES_DATA_DIR": str(tmp_path / "guild"),
        "GROWMIES_PRACTICE": "1",
        "PRACTICE_PORT": str(port),
    }
    process = subprocess.Popen([sys.executable, "-m", "growmies_admin.practice"], env=env)
    url = f"http://127.0.0.1:{port}"
    try:
        status, body = until(lambda: get(f"{url}/practice/guild"), process)
        assert status == 200
        yield url, json.loads(body)["token"]
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def environment(transactional_db):
    """The bot's environment: the database of the tests, a port of its own."""
    facts = connection.settings_dict
    url = f"postgresql://{facts['USER']}:{facts['PASSWORD']}@{facts['HOST']}:{facts['PORT']}"

    def make(**more):
        return os.environ | {
            "DATABASE_URL": f"{url}/{facts['NAME']}",
            "REDIS_URL": settings.REDIS_URL,
            "BOT_HEALTH_PORT": str(free_port()),
            **more,
        }

    return make


def refused(env):
    """The lines on standard error that are no log lines."""
    done = subprocess.run(
        [sys.executable, "manage.py", "runbot"],
        env=env,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 2, done.stderr[-500:]
    assert "Traceback" not in done.stderr
    return [line for line in done.stderr.splitlines() if not line.startswith("{")]


def test_without_a_token(environment):
    assert refused(environment(DISCORD_TOKEN="", DISCORD_API_URL="")) == [
        "The bot can't start: DISCORD_TOKEN is missing. Set it, or run with GROWMIES_PRACTICE=1."
    ]


def test_with_a_wrong_token(environment, guild):
    url, token = guild
    wrong = token[:-4] + "xxxx"
    assert refused(environment(DISCORD_TOKEN=wrong, DISCORD_API_URL=f"{url}/api/v10")) == [
        "The bot can't start: Discord refuses the token. Check DISCORD_TOKEN."
    ]


def test_with_a_port_that_is_taken(environment, guild):
    url, token = guild
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        lines = refused(
            environment(
                DISCORD_TOKEN=token, DISCORD_API_URL=f"{url}/api/v10", BOT_HEALTH_PORT=str(port)
            )
        )
    assert len(lines) == 1
    assert f"The bot's health server can't use port {port}" in lines[0]


def test_it_runs_and_stops(environment, guild):
    """One start for all of it: a bot takes seconds to come up."""
    url, token = guild
    env = environment(DISCORD_TOKEN=token, DISCORD_API_URL=f"{url}/api/v10")
    bot = f"http://127.0.0.1:{env['BOT_HEALTH_PORT']}"
    process = subprocess.Popen(
        [sys.executable, "manage.py", "runbot"],
        env=env,
        cwd=REPOSITORY,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert until(lambda: get(f"{bot}/live"), process) == (200, '{"status": "alive"}')
        until(lambda: get(f"{bot}/ready")[0] == 200, process)
        until(lambda: "thirdParty" in get(f"{bot}/health")[1], process)
        until(lambda: get(f"{bot}/health")[0] == 200, process)
        answer = json.loads(get(f"{bot}/health")[1])
        assert set(answer) == {"status", "timestamp", "uptime", "checks"}
        checks = answer["checks"]
        assert set(checks) == {"discord", "database", "rateLimit", "memory", "thirdParty"}
        assert checks["discord"].keys() == {"status", "ping", "guilds", "shards", "connectedSince"}
        assert checks["database"].keys() == {"status", "responseTime", "connections"}
        assert {"remaining", "resetTime", "bucket"} <= checks["rateLimit"].keys()
        assert checks["memory"].keys() == {
            "status",
            "heapUsed",
            "heapTotal",
            "percentage",
            "limit",
        }
        services = checks["thirdParty"]["services"]
        assert set(services) == {"carl-bot", "sesh", "statbot", "xenon"}
        text = get(f"{bot}/metrics")[1]
        families = {family.name for family in text_string_to_metric_families(text)}
        assert {"discord_commands", "discord_messages", "discord_active_users"} <= families
        assert get(f"{bot}/nothing")[0] == 404
    finally:
        process.send_signal(signal.SIGTERM)
        _, logged = process.communicate(timeout=15)
    assert process.returncode == 0
    assert token not in logged


def test_the_pauses_before_a_new_connection():
    backoff = reconnecting.BoundedBackoff()
    assert max(backoff.delay() for _ in range(40)) == reconnecting.LONGEST_RECONNECT_PAUSE_SECONDS
    backoff._last_invocation -= reconnecting.QUIET_SECONDS + 1
    assert backoff.delay() <= 2, "after a quiet minute it begins anew"

"""/health costs about what a bare view costs, also while PostgreSQL or Valkey hangs."""

import contextlib
import http.client
import json
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from django.conf import settings
from django.db import connection

from growmies_admin.stack.layout import REPOSITORY
from tests.bench.test_bot import free_port
from tests.running import eventually

ASKED = 1_000
RATIO_LIMIT, TOLD_WITHIN_SECONDS = 3, 10
_BOT = json.dumps(
    {"checks": {name: {"status": "healthy"} for name in ("discord", "rateLimit", "thirdParty")}}
).encode()


class Address:
    """One server, asked over a connection that stays open, as probes do."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def ask(self) -> dict[str, Any]:
        self._connection.request("GET", "/health")
        found: dict[str, Any] = json.loads(self._connection.getresponse().read())
        return found

    def seconds(self) -> float:
        began = time.perf_counter()
        self.ask()
        return time.perf_counter() - began


@contextlib.contextmanager
def served(application: str, **env: str) -> Iterator[Address]:
    """An ASGI application under uvicorn, started as ./dev starts the web."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", application, "--port", str(port), "--lifespan"]
    command += ["off", "--no-access-log", "--log-level", "warning", "--no-server-header"]
    process = subprocess.Popen(command, env=os.environ | env, cwd=REPOSITORY)

    def answers() -> bool:
        with contextlib.suppress(OSError):
            Address(port).ask()
            return True
        return False

    try:
        eventually(answers, within_seconds=60)
        yield Address(port)
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def bot_url() -> Iterator[str]:
    """A bot that is well: only its answer is needed here."""

    class Well(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(_BOT)))
            self.end_headers()
            self.wfile.write(_BOT)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Well)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@contextlib.contextmanager
def suspended(url: str) -> Iterator[None]:
    """Stop the server at this address, with all its processes, and let it go on at the end."""
    port = urlsplit(url).port
    (pid,) = {
        one.pid
        for one in psutil.net_connections("tcp")
        if one.status == psutil.CONN_LISTEN and one.laddr.port == port and one.pid
    }
    server = psutil.Process(pid)
    them = [server, *server.children(recursive=True)]
    for process in them:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in them:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)


def p99(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=100)[98]


def compare(what: str, ours: Address, bare: Address, say: Callable[..., None]) -> float:
    """Ask both in turn, so that the machine's other work meets both alike."""
    mine, yardstick = [], []
    for _ in range(ASKED):
        yardstick.append(bare.seconds())
        mine.append(ours.seconds())
    ratio = p99(mine) / p99(yardstick)
    say(
        f"p99 of /health {what}, times a bare Django view's",
        ratio,
        f"below {RATIO_LIMIT}",
        f"{p99(mine) * 1000:.2f} and {p99(yardstick) * 1000:.2f} ms of {ASKED:,}",
    )
    return ratio


def told(ours: Address, check: str, say: Callable[..., None]) -> float:
    """Seconds until the check is unhealthy."""
    began = time.monotonic()
    eventually(
        lambda: ours.ask()["checks"][check]["status"] == "unhealthy",
        within_seconds=TOLD_WITHIN_SECONDS,
    )
    seconds = time.monotonic() - began
    say(f"seconds until /health says that {check} is away", seconds, "10 at most", "SIGSTOP")
    return seconds


@pytest.mark.django_db(transaction=True)
def test_health(bot_url: str, say: Callable[..., None]) -> None:
    facts = connection.settings_dict
    address = f"{facts['USER']}:{facts['PASSWORD']}@{facts['HOST']}:{facts['PORT']}"
    database = f"postgresql://{address}/{facts['NAME']}"
    site = served("growmies_admin.asgi:application", DATABASE_URL=database, BOT_HEALTH_URL=bot_url)
    with served("tests.bench.bare_django:application") as bare, site as ours:
        eventually(lambda: ours.ask()["status"] in ("healthy", "degraded"), within_seconds=30)
        ratios = [compare("when all is well", ours, bare, say)]
        with suspended(settings.REDIS_URL):
            told(ours, "cache", say)
            ratios.append(compare("with Valkey suspended", ours, bare, say))
        with suspended(database):
            told(ours, "database", say)
            assert ours.ask()["status"] == "unhealthy"
            ratios.append(compare("with PostgreSQL suspended", ours, bare, say))
        eventually(
            lambda: ours.ask()["checks"]["database"]["status"] == "healthy", within_seconds=30
        )
    assert max(ratios) < RATIO_LIMIT

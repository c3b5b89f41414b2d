"""/health costs about what a bare view costs, also while PostgreSQL or Valkey hangs."""

import contextlib
import json
import signal
import statistics
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

from tests.bench.conftest import SMALL, sized
from tests.bench.serving import Address, served
from tests.running import eventually

ASKED = sized(1_000, 10)
RATIO_LIMIT, TOLD_WITHIN_SECONDS = 3, 10
_BOT = json.dumps(
    {"checks": {name: {"status": "healthy"} for name in ("discord", "rateLimit", "thirdParty")}}
).encode()


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
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
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
        if SMALL:  # other tests use these servers
            return
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

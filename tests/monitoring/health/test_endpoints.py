"""/live, /ready and /health of the web process."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from growmies_admin.stack.layout import REPOSITORY
from monitoring.health import answers
from monitoring.health.asgi import Probes
from monitoring.health.registry import WEB, checks_of
from monitoring.health.sampler import Sampler

# Runs in a process of its own, whose database does not answer.
AWAY = """
from django.conf import settings
from django.db import connection
from django.test import Client
connection.settings_dict["OPTIONS"]["pool"]["timeout"] = 0.5
plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
settings.STORAGES["staticfiles"] = {"BACKEND": plain}
for path in ("/live", "/ready", "/queue/"):
    client = Client(raise_request_exception=False, headers={"host": "localhost"})
    if path == "/queue/":
        client.cookies["session_8000"] = "x" * 32  # somebody who was signed in
    answer = client.get(path)
    print("ANSWER", path, answer.status_code, answer.headers.get("Retry-After", "-"),
          "Traceback" in answer.content.decode())
"""


@pytest.fixture
def sampler(transactional_db, monkeypatch, settings):
    """A sampler that samples when the test says so; nothing but the database answers it."""
    settings.BOT_HEALTH_URL = "http://127.0.0.1:1"
    settings.WORKER_METRICS_PORT = 1
    own = Sampler(WEB)
    monkeypatch.setattr(answers, "web_sampler", own)
    return own


def test_live(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        answer = client.get("/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


def test_ready(client, sampler):
    assert client.get("/ready").status_code == 503, "nobody has looked yet"
    sampler.sample()
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


def test_health_has_the_guides_keys(client, sampler):
    sampler.sample()
    answer = client.get("/health").json()
    assert {"status", "timestamp", "uptime", "checks"} <= set(answer)
    assert answer["timestamp"].endswith("Z")
    assert isinstance(answer["uptime"], int)
    assert {"discord", "database", "rateLimit", "memory", "thirdParty"} <= set(answer["checks"])
    database, memory = answer["checks"]["database"], answer["checks"]["memory"]
    assert database["status"] == "healthy"
    assert database["responseTime"].endswith("ms")
    assert database["connections"] >= 1
    assert {"heapUsed", "heapTotal", "percentage"} <= set(memory)


def test_health_without_the_bot_is_unhealthy(client, sampler):
    sampler.sample()
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json()["status"] == "unhealthy"
    assert answer.json()["checks"]["discord"] == {
        "status": "unhealthy",
        "error": "the bot does not answer",
        "runbook": "docs/runbooks/health-discord.md",
    }


@pytest.fixture
def bot(sampler, settings):
    """A server that answers as the bot's does."""
    body = (
        b'{"status": "healthy", "checks": {"discord": {"status": "healthy", "ping": "41ms"},'
        b'"rateLimit": {"status": "healthy"}, "thirdParty": {"status": "healthy"}}}'
    )

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    settings.BOT_HEALTH_URL = f"http://127.0.0.1:{server.server_port}"
    yield
    server.shutdown()


def test_health_with_the_bot_is_degraded_while_others_are_missing(client, bot, sampler):
    """Neither worker nor Prometheus runs here; those are not critical."""
    sampler.sample()
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["checks"]["discord"] == {"status": "healthy", "ping": "41ms"}
    assert answer.json()["checks"]["prometheus"]["status"] == "unhealthy"


def test_an_old_sample_is_unhealthy_itself(client, bot, sampler):
    sampler.sample()
    sampler._sampled_at -= 6
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json()["error"] == "no fresh sample of the checks"


def test_before_the_first_sample_it_is_unhealthy(client, sampler):
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["checks"]) == (503, {})


def test_no_answer_is_kept_by_a_cache(client, sampler):
    for path in ("/live", "/ready", "/health", "/up"):
        assert "no-store" in client.get(path)["Cache-Control"]


def test_nobody_posts(client, sampler):
    for path in ("/live", "/ready", "/health", "/up", "/metrics"):
        assert client.post(path).status_code == 405


def test_up_says_a_word_that_outside_monitors_look_for(client, bot, sampler):
    assert client.get("/up").status_code == 503, "nobody has looked yet"
    sampler.sample()
    page = client.get("/up")
    assert page.status_code == 200, "degraded is up"
    assert b"GROWMIES-UP" in page.content
    sampler._sampled_at -= 6
    page = client.get("/up")
    assert page.status_code == 503
    assert b"GROWMIES-DOWN" in page.content
    assert b"GROWMIES-UP" not in page.content


@pytest.mark.parametrize("path", ["/live", "/ready", "/health", "/up"])
async def test_the_server_answers_probes_before_django(sampler, path):
    """The same answers as Django's, without its threads; HEAD has no body."""

    async def site(scope, receive, send):
        raise AssertionError("Django was asked")

    async def ask(method):
        sent = []

        async def send(message):
            sent.append(message)

        await Probes(site)({"type": "http", "method": method, "path": path}, None, send)
        return sent

    start, body = await ask("GET")
    status, expected = {
        "/live": answers.live,
        "/ready": answers.ready,
        "/health": answers.health,
        "/up": answers.up,
    }[path]()
    assert start["status"] == status
    headers = dict(start["headers"])
    assert int(headers[b"content-length"]) == len(body["body"])
    assert b"no-store" in headers[b"cache-control"]
    if isinstance(expected, dict):
        assert json.loads(body["body"]).keys() == expected.keys()
    assert (await ask("HEAD"))[1]["body"] == b""


async def test_everything_else_is_the_sites(sampler):
    seen = []

    async def site(scope, receive, send):
        seen.append((scope["method"], scope["path"]))

    for method, path in (("GET", "/queue/"), ("POST", "/health"), ("GET", "/health/x")):
        await Probes(site)({"type": "http", "method": method, "path": path}, None, None)
    assert seen == [("GET", "/queue/"), ("POST", "/health"), ("GET", "/health/x")]


def test_every_check_has_a_name_of_its_own():
    names = [check.name for check in checks_of(WEB)]
    assert len(names) == len(set(names)) >= 9


def test_without_a_database():
    """/live says yes, /ready says no, and pages say plainly that it is away."""
    env = os.environ | {"DATABASE_URL": "postgresql://a:b@127.0.0.1:1/none"}
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", AWAY],
        env=env | {"GROWMIES_PORT_BASE": "8000"},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("ANSWER")]
    assert lines == [
        "ANSWER /live 200 - False",
        "ANSWER /ready 503 5 False",
        "ANSWER /queue/ 503 10 False",
    ], done.stderr[-1000:]

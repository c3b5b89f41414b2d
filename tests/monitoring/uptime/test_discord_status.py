"""Discord's status page, as its summary says it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from monitoring.metrics.collectors import FigureCollector
from monitoring.uptime import discord_status
from monitoring.uptime.models import DiscordStatus
from monitoring.uptime.tasks import ask_discord

SUMMARY = {
    "page": {"id": "srhpyqt94yxb", "name": "Discord"},
    "status": {"indicator": "major", "description": "Partial System Outage"},
    "components": [
        {"name": "API", "status": "operational"},
        {"name": "Gateway", "status": "major_outage"},
        {"name": "Tax Calculation Service", "status": "operational"},
    ],
    "incidents": [{"name": "Some guilds are unavailable"}],
}


@pytest.fixture
def page(settings):
    """A status page that says what `page.says` holds."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            body = server.says if isinstance(server.says, bytes) else json.dumps(server.says)
            body = body if isinstance(body, bytes) else body.encode()
            self.send_response(server.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.says, server.status = SUMMARY, 200
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    settings.DISCORD_STATUS_URL = f"http://127.0.0.1:{server.server_port}/summary.json"
    yield server
    server.shutdown()


def test_it_works(db, page):
    status = discord_status.refresh()
    assert (status.indicator, status.description) == ("major", "Partial System Outage")
    assert status.components == {"API": "operational", "Gateway": "major_outage"}
    assert status.incidents == ["Some guilds are unavailable"]


@pytest.mark.django_db
def test_its_figures(page):
    discord_status.refresh()
    found = {family.name: family.samples for family in FigureCollector("database")._read()}
    assert [s.value for s in found["discord_status_indicator"]] == [2.0]
    parts = found["discord_status_component_operational"]
    assert {s.labels["component"]: s.value for s in parts} == {"API": 1.0, "Gateway": 0.0}


@pytest.mark.parametrize(
    "says",
    [b"<html>", [], {"status": {"indicator": "purple", "description": ""}}, b"x" * 2_000_000],
)
def test_something_else_leaves_the_last_word_alone(db, page, says):
    before = discord_status.refresh()
    page.says = says
    with pytest.raises(discord_status.StatusUnknown):
        discord_status.refresh()
    ask_discord()  # the task does not fail
    assert DiscordStatus.objects.get().checked_at == before.checked_at


def test_an_error_is_no_answer(db, page):
    page.status = 502
    with pytest.raises(discord_status.StatusUnknown):
        discord_status.refresh()


def test_without_an_address_nobody_is_asked(db, settings):
    settings.DISCORD_STATUS_URL = ""
    assert discord_status.refresh() is None

"""What the phone page's script does with answers of a site that stands in for ours."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Page, expect

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPT = REPOSITORY / "static" / "js" / "mobile.js"


class Site:
    """Answers /mobile/ with these alerts."""

    def __init__(self) -> None:
        self.alerts = ["1", "2"]
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, kind, body = site.answer(self.path)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/mobile/"

    def answer(self, path: str) -> tuple[int, str, str]:
        if path == "/mobile/":
            return 200, "text/html", self._page()
        if path == "/mobile/?part=1":
            return 200, "text/html", self._part()
        if path == "/static/js/mobile.js":
            return 200, "text/javascript", SCRIPT.read_text()
        return 404, "text/plain", ""

    def _part(self) -> str:
        acks = "".join(
            f'<form method="post" action="/alerts/{one}/acknowledge/"><button>Ack {one}</button>'
            "</form>"
            for one in self.alerts
        )
        return (
            '<div data-sampled="2026-01-01T00:00:00Z"></div><h1>Two things</h1>'
            f"{acks}<details><summary>How the score is counted</summary></details>"
        )

    def _page(self) -> str:
        return (
            '<!doctype html><title>Status</title><div id="gone" hidden>What you see is <span '
            'data-gone-age></span> old.</div><div id="status" data-url="/mobile/?part=1" '
            f'data-worker="/mobile/worker.js">{self._part()}</div><div id="announce"></div>'
            '<form id="sign-out"></form><script src="/static/js/mobile.js"></script>'
        )


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    thread = Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.fixture
def phone(page: Page, site: Site) -> Page:
    page.goto(site.url)
    return page


def refresh(phone: Page) -> None:
    """As every ten seconds."""
    with phone.expect_response(lambda answer: "part=1" in answer.url):
        phone.evaluate("() => dispatchEvent(new Event('online'))")


def test_a_refresh_leaves_the_focus_where_it_is(phone: Page) -> None:
    phone.get_by_role("button", name="Ack 2").focus()
    refresh(phone)
    expect(phone.get_by_role("button", name="Ack 2")).to_be_focused()


def test_the_focus_moves_to_no_other_alert_when_its_own_is_over(phone: Page, site: Site) -> None:
    phone.get_by_role("button", name="Ack 2").focus()
    site.alerts = ["1", "3"]
    refresh(phone)
    expect(phone.get_by_role("button", name="Ack 3")).to_be_visible()
    expect(phone.locator(":focus")).to_have_count(0)

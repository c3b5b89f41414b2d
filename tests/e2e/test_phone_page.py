"""What the phone page's script does with answers of a site that stands in for ours."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Error, Page, expect

from tests.e2e.listening import AWAY, Console

KEPT = """async () => (await (await caches.open((await caches.keys())[0])).keys())
  .map((one) => one.url.replace(location.origin, ""))"""
REPOSITORY = Path(__file__).resolve().parents[2]
WORKER = REPOSITORY / "templates" / "mobile" / "worker.js"
SCRIPT = REPOSITORY / "static" / "js" / "mobile.js"


# A clock that is half a minute fast, and `later` milliseconds more.
FAST = "const real = Date.now; window.later = 0; Date.now = () => real() + 30_000 + window.later;"


class Site:
    """Answers /mobile/ with these alerts, with this status, after so many seconds."""

    def __init__(self) -> None:
        self.alerts = ["1", "2"]
        self.status = 200
        self.after_seconds = 0.0
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
        if path in ("/mobile/", "/mobile/?part=1"):
            time.sleep(self.after_seconds)
            body = self._part() if "part" in path else self._page()
            return self.status, "text/html", body if self.status == 200 else "<h1>Sorry</h1>"
        if path == "/live":
            time.sleep(self.after_seconds)
            return self.status, "text/plain", ""
        if path == "/mobile/worker.js":
            return 200, "text/javascript", WORKER.read_text()
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
            f'<div data-sampled="{datetime.now(UTC).isoformat()}"></div><h1>Two things</h1>'
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
    thread = Thread(target=made.server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.fixture
def phone(page: Page, site: Site, console: Console) -> Page:
    console.provokes(AWAY)
    page.goto(site.url)
    return page


@pytest.fixture
def kept(phone: Page, eventually: Callable[..., Any]) -> Page:
    """The phone when its worker has kept the page and its last state."""
    eventually(
        lambda: {"/mobile/", "/mobile/?part=1"} <= set(phone.evaluate(KEPT)), within_seconds=60
    )
    phone.wait_for_function("() => navigator.serviceWorker.controller")
    return phone


def refresh(phone: Page) -> None:
    """As every ten seconds."""
    with phone.expect_response(lambda answer: "part=1" in answer.url):
        phone.evaluate("() => dispatchEvent(new Event('online'))")


def reload(phone: Page) -> None:
    """As a person does. A refresh that is refused just then reloads the page itself."""
    try:
        phone.reload()
    except Error as error:
        if "ERR_ABORTED" not in str(error):
            raise


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


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_site_that_fails_leaves_the_kept_page(kept: Page, site: Site, status: int) -> None:
    site.status = status
    reload(kept)
    expect(kept.get_by_role("heading", level=1)).to_have_text("Two things")


def test_a_site_that_does_not_answer_in_time_leaves_the_kept_page(kept: Page, site: Site) -> None:
    site.after_seconds = 20
    began = time.monotonic()
    kept.reload(wait_until="commit")
    expect(kept.get_by_role("heading", level=1)).to_have_text("Two things", timeout=60_000)
    assert time.monotonic() - began < site.after_seconds


def test_a_page_that_is_refused_is_kept_no_longer(kept: Page, site: Site) -> None:
    site.status = 403
    reload(kept)
    expect(kept.get_by_role("heading", level=1)).to_have_text("Sorry")
    kept.wait_for_function("async () => (await caches.keys()).length === 0")


@pytest.fixture
def fast(page: Page) -> None:
    """The phone's clock is fast, from the first visit on."""
    page.add_init_script(FAST)


@pytest.mark.usefixtures("fast")
def test_a_clock_that_is_fast_is_no_lost_connection(phone: Page) -> None:
    expect(phone.locator("#gone")).to_be_hidden()
    refresh(phone)
    phone.wait_for_timeout(1_500)
    expect(phone.locator("#gone")).to_be_hidden()


@pytest.mark.usefixtures("fast")
def test_the_age_of_a_kept_page_is_right_by_a_fast_clock(kept: Page, site: Site) -> None:
    refresh(kept)
    site.status = 503
    reload(kept)
    kept.wait_for_timeout(1_500)
    expect(kept.locator("#gone")).to_be_hidden()
    kept.evaluate("() => { window.later = 60_000; }")
    expect(kept.locator("#gone")).to_have_text("What you see is 1 minute old.")


@pytest.mark.usefixtures("fast")
def test_a_clock_that_was_set_since_hides_no_lost_connection(kept: Page, site: Site) -> None:
    kept.evaluate("() => localStorage.setItem('clock-ahead', 3_600_000)")
    site.status = 503
    reload(kept)
    expect(kept.locator("#gone")).to_contain_text("seconds old")


@pytest.mark.parametrize(("status", "after_seconds"), [(503, 0.0), (200, 30.0)])
def test_a_server_that_is_gone_is_told_within_ten_seconds(
    kept: Page, site: Site, status: int, after_seconds: float
) -> None:
    """One that fails, and one that hangs; what is shown may be fresh."""
    refresh(kept)
    expect(kept.locator("#gone")).to_be_hidden()
    site.status, site.after_seconds = status, after_seconds
    expect(kept.locator("#gone")).to_be_visible(timeout=10_000)
    expect(kept.locator("#gone")).to_contain_text("seconds old")
    site.status, site.after_seconds = 200, 0.0
    expect(kept.locator("#gone")).to_be_hidden(timeout=10_000)

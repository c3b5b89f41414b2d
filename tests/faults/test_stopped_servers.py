"""PostgreSQL, Valkey, Prometheus away: said plainly, nothing accepted is lost, all resumes."""

import re
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.faults.conftest import FULL
from tests.faults.people import Crowd
from tests.running import HTTP

SECONDS = 30 if FULL else 6


def get(url: str) -> httpx.Response:
    return HTTP.get(url)


def test_postgres_away(crowd: Crowd, eventually: Callable[..., Any]) -> None:
    stack = crowd.stack
    wave = crowd.members(8)
    crowd.decide_all(wave)
    moderator = crowd.moderators[0]
    open_ = crowd.members(1)
    (request,) = open_.requests.values()
    moderator.patiently(lambda: moderator.post(f"/queue/{request}/claim/"))
    page = moderator.client.get(f"/queue/{request}/").text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None

    def asks() -> Iterator[httpx.Response]:
        for path in ("/queue/", "/members/", "/audit/", "/maintenance/"):
            yield moderator.client.get(path)
        decision = {"version": version.group(1), "reason": "unreadable"}
        yield moderator.post(f"/queue/{request}/deny/", key=str(uuid.uuid4()), **decision)

    stack.stop("postgres")
    try:
        began = time.monotonic()
        for answer in asks():
            assert answer.status_code == 503, answer.url
            assert int(answer.headers["Retry-After"]) > 0
            assert "Traceback" not in answer.text and "Operational" not in answer.text
            assert answer.elapsed.total_seconds() < 15, answer.url
        assert get(f"{stack.url}/live").status_code == 200
        assert get(f"{stack.bot_url}/live").status_code == 200
        eventually(lambda: get(f"{stack.url}/ready").status_code == 503, within_seconds=60)
        eventually(lambda: get(f"{stack.url}/health").status_code == 503, within_seconds=60)
        eventually(lambda: get(f"{stack.bot_url}/health").status_code == 503, within_seconds=60)
        time.sleep(max(SECONDS - (time.monotonic() - began), 0))
    finally:
        stack.start("postgres")
    eventually(stack.is_healthy, within_seconds=60, every_seconds=1)
    assert moderator.client.get("/queue/").status_code == 200
    crowd.check(wave, within_seconds=60)
    assert crowd.known(open_)["requests"][str(request)]["decisions"] == [], "it was not accepted"
    crowd.decide_all(open_)
    crowd.check(open_, within_seconds=60)


def test_valkey_away(crowd: Crowd, eventually: Callable[..., Any]) -> None:
    stack = crowd.stack
    wave = crowd.members(8)
    stack.stop("valkey")
    try:
        began = time.monotonic()
        crowd.decide_all(wave)
        assert time.monotonic() - began < 30, "decisions wait for nothing in Valkey"
        # It is not critical. On a busy machine a single sample may be late and say otherwise.
        eventually(lambda: get(f"{stack.url}/health").status_code == 200, within_seconds=60)
        time.sleep(max(SECONDS - (time.monotonic() - began), 0))
    finally:
        stack.start("valkey")
    # Evidence is destroyed by the worker, which has no queue without Valkey: it catches up.
    crowd.check(wave, within_seconds=60)
    eventually(stack.is_healthy, within_seconds=60, every_seconds=1)


def test_sign_in_without_valkey(crowd: Crowd) -> None:
    stack = crowd.stack
    stack.stop("valkey")
    try:
        again = crowd.staff("moderator")
        assert again.client.get("/queue/").status_code == 200
        again.client.close()
    finally:
        stack.start("valkey")


def test_run_now_without_valkey_says_so(crowd: Crowd, eventually: Callable[..., Any]) -> None:
    stack = crowd.stack
    operator = crowd.staff("operator")
    stack.stop("valkey")
    try:
        operator.post("/maintenance/daily_cleanup/run/")
        page = operator.client.get("/maintenance/daily_cleanup/").text
        assert "task queue" in page
    finally:
        stack.start("valkey")
        operator.client.close()
    eventually(stack.is_healthy, within_seconds=60, every_seconds=1)


# One comparison with Alertmanager, and one in which the last that went well is set back.
COMPARE = """
from monitoring.alerts import reconciling
reconciling.reconcile()
print(1)
"""
COMPARE_LATER = """
from datetime import timedelta
from django.db.models import F
from monitoring.alerts import reconciling
from monitoring.alerts.models import Comparison
rows = Comparison.objects.update(at=F("at") - timedelta(minutes=2))
reconciling.reconcile()
print(rows)
"""


@pytest.mark.parametrize(
    ("name", "slug", "last"),
    [
        ("prometheus", "active-user-count", r'class="figure[^"]*">\s*[\d,]+'),
        ("alertmanager", "recent-alerts", r'class="chip state [^>]*>.*?(None firing|\d+ firing)'),
    ],
    ids=["prometheus", "alertmanager"],
)
def test_boards_show_the_last_data_and_its_age(
    crowd: Crowd, eventually: Callable[..., Any], name: str, slug: str, last: str
) -> None:
    stack = crowd.stack
    viewer = crowd.staff("viewer")

    def panel(*, is_stale: bool) -> str:
        """The panel when it is as old as that and shows something; else nothing."""
        page = viewer.client.get("/wall/main/panels/").text
        found = re.search(
            rf'<section class="([^"]*)"[^>]*data-panel="{slug}".*?</section>', page, re.S
        )
        assert found is not None
        fits = ("stale" in found[1].split()) == is_stale and re.search(last, found[0], re.S)
        return found[0] if fits else ""

    try:
        if name == "alertmanager":
            stack.python(COMPARE)
        eventually(lambda: panel(is_stale=False), within_seconds=60)
        stack.stop(name)
        try:
            if name == "alertmanager":
                # Only the wait of a minute and a half is spared: what it asks is really away.
                assert stack.python(COMPARE_LATER) == 1
            # Three times the interval of its source, and then it is old.
            old = eventually(lambda: panel(is_stale=True), within_seconds=120, every_seconds=1)
            age = r"data-age>[12] m" if name == "alertmanager" else r"data-age>\d"
            assert re.search(rf"{age}[^<]* old<", old), old
            assert viewer.client.get("/mobile/").status_code == 200
        finally:
            stack.start(name)
        eventually(lambda: panel(is_stale=False), within_seconds=90, every_seconds=1)
    finally:
        viewer.client.close()
    eventually(stack.is_healthy, within_seconds=60, every_seconds=1)

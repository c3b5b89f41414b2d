"""The main job, end to end, every part real: from /verify in Discord to the role and the wall."""

import re
import time
from collections.abc import Callable
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from tests.e2e.waiting import picture_of_an_id
from tests.running import Stack

UNDO_WINDOW_SECONDS = 10
APPROVED = 'sum(age_verification_total{status="approved", method="id_document", result="passed"})'


def test_the_story(
    stack: Stack,
    open_page: Callable[..., Page],
    sign_in: Callable[..., Page],
    paired_screen: Callable[..., Page],
    eventually: Callable[..., Any],
) -> None:
    approved_before = stack.query(APPROVED)
    kept_before = set(stack.evidence_files())
    name = f"hazel_leaf{int(time.time())}"

    # A moderator has the queue open before anything happens.
    desk = sign_in("moderator")
    desk.goto(f"{stack.url}/queue/")
    expect(desk.get_by_role("main")).not_to_contain_text(name)

    # A member types /verify and gets a private answer with a one-time link.
    member = stack.practice("POST", "/members", username=name, dms_open=True)["id"]
    answer = stack.verify(member)
    assert answer["ephemeral"] is True
    link = re.search(rf"{re.escape(stack.url)}/verify/[^\s)>\"]+", answer["content"])
    assert link, answer

    # The member uploads a picture on the phone.
    phone = open_page(width=390, height=844, has_touch=True, is_mobile=True)
    phone.goto(link.group())
    picture = picture_of_an_id()
    phone.locator("input[type=file]").first.set_input_files(
        {"name": "id.jpg", "mimeType": "image/jpeg", "buffer": picture}
    )
    phone.get_by_role("checkbox").check()
    phone.get_by_role("button", name="Send for review").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Sent")

    # The request appears in the queue without a reload; claim, reveal, approve by key.
    row = desk.get_by_role("main").get_by_text(name, exact=True).first
    expect(row).to_be_visible(timeout=60_000)
    assert set(stack.evidence_files()) - kept_before, "no evidence was stored"
    row.click()
    expect(desk.get_by_text("Nobody has this one.")).to_be_visible()
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("Yours for")).to_be_visible()
    desk.keyboard.press("a")
    expect(desk.get_by_text("Reveal the picture first").first).to_be_visible()
    desk.keyboard.press("Space")
    expect(desk.get_by_role("img", name=re.compile("Picture 1", re.I))).to_be_visible()
    desk.keyboard.press("a")
    decided_at = time.monotonic()
    expect(desk.get_by_text(f"Approved {name}").first).to_be_visible()

    # Within 2 seconds of the undo window's end: the role and a DM, not before.
    assert stack.practice("GET", f"/members/{member}")["roles"] == []
    delivered = eventually(
        lambda: (
            (seen := stack.practice("GET", f"/members/{member}"))
            and "Verified 21+" in seen["roles"]
            and seen["dms"]
            and seen
        ),
        within_seconds=UNDO_WINDOW_SECONDS + 2 - (time.monotonic() - decided_at),
    )
    assert time.monotonic() - decided_at >= UNDO_WINDOW_SECONDS - 1, "did not wait for undo"
    assert len(delivered["dms"]) == 1

    # The evidence is gone.
    eventually(lambda: set(stack.evidence_files()) <= kept_before, within_seconds=60)

    # The audit trail shows each step.
    trail = sign_in("compliance")
    trail.goto(f"{stack.url}/audit/")
    for action in (
        "Verification requested",
        "Verification submitted",
        "Verification claimed",
        "Verification revealed",
        "Verification approved",
        "Evidence destroyed",
        "Effect delivered",
    ):
        expect(trail.get_by_role("main").get_by_text(action).first).to_be_visible()

    # The metric moved in Prometheus.
    eventually(lambda: stack.query(APPROVED) >= approved_before + 1, within_seconds=60)

    # The wall shows it.
    wall = paired_screen("Story", width=1920, height=1080)
    for title in (
        "System status",
        "Active users",
        "Live command activity",
        "Age verification queue",
    ):
        expect(wall.get_by_role("heading", name=title)).to_be_visible()

    # The daily clean-up ran from beat and its run is on a page.
    operations = sign_in("operator")
    operations.goto(f"{stack.url}/maintenance/daily_cleanup/")

    def ran() -> bool:
        operations.reload()
        page = operations.get_by_role("main").inner_text()
        return "Started by the schedule" in page and "ok" in page

    eventually(ran, within_seconds=90, every_seconds=2)


def test_the_guides_endpoints_answer(stack: Stack) -> None:
    for base in (stack.url, stack.bot_url):
        health = httpx.get(f"{base}/health", timeout=20, trust_env=False)
        assert health.status_code == 200, health.text
        body = health.json()
        assert {"status", "timestamp", "uptime", "checks"} <= body.keys()
        assert {"discord", "database", "memory", "rateLimit", "thirdParty"} <= body["checks"].keys()
        for path in ("/ready", "/live", "/metrics"):
            assert httpx.get(f"{base}{path}", timeout=20, trust_env=False).status_code == 200, path

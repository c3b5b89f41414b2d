"""The picture of an ID: a whole second review, and every corner of the card at every zoom."""

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.e2e.waiting import members_wait
from tests.running import Stack, eventually

# Decided by compliance, drawn for a second look, and due.
_DUE = """
import json
from datetime import timedelta
from django.utils import timezone
from compliance.verification import claims, decisions
from compliance.evidence import custody
from compliance.quality import second_reviews
from compliance.verification.models import Decision, VerificationRequest
from compliance.quality.models import SecondReview
from growmies_admin.accounts.models import Staff
author = Staff.objects.get(username="compliance")
found = []
for pk in %s:
    request = VerificationRequest.objects.get(pk=pk)
    SecondReview.objects.get_or_create(request=request)
    claims.claim(pk, author)
    custody.reveal(pk, 1, author)
    decided = decisions.approve(pk, moderator=author, version=request.version)
    past = timezone.now() - timedelta(seconds=1)
    Decision.objects.filter(pk=decided.pk).update(undo_until=past)
    second_reviews.sweep()
    found.append(SecondReview.objects.get(request=request).pk)
print(json.dumps(found))
"""
_OUTCOME = """
import json
from compliance.quality.models import SecondReview
print(json.dumps(list(SecondReview.objects.filter(pk=%s).values_list("answer", "outcome"))))
"""
PICTURE = re.compile("Picture 1")


def second_reviews_due(stack: Stack, number: int) -> list[int]:
    now = int(time.time())
    requests = members_wait(stack, *(f"second_{now}_{one}" for one in range(number)))
    found: list[int] = stack.python(_DUE % json.dumps(requests))
    return found


def test_a_whole_second_review_by_key_and_by_mouse(
    stack: Stack, sign_in: Callable[..., Page]
) -> None:
    by_key, by_mouse = second_reviews_due(stack, 2)
    page = sign_in("moderator")

    page.goto(f"{stack.url}/queue/second-reviews/{by_key}/")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Yours for")).to_be_visible()
    page.keyboard.press("a")  # unseen: refused, and the sentence covers nothing
    said = page.get_by_role("alert")
    expect(said).to_contain_text("Reveal the picture first")
    heading = page.get_by_role("heading", name=f"Second review {by_key}").bounding_box()
    notice = said.bounding_box()
    assert heading and notice and notice["y"] >= heading["y"] + heading["height"]
    page.keyboard.press("Space")
    expect(page.get_by_role("img", name=PICTURE)).to_be_visible()
    page.keyboard.press("z")
    page.keyboard.press("o")
    page.keyboard.press("a")
    expect(page.get_by_text(f"Answered second review {by_key}").first).to_be_visible()

    row = page.get_by_role("row", name=f"Second review {by_mouse}")
    row.get_by_role("button", name="Claim").click()
    page.get_by_role("button", name="Reveal").click()
    expect(page.get_by_role("img", name=PICTURE)).to_be_visible()
    page.get_by_role("button", name="Altered").click()
    expect(page.get_by_text(f"Answered second review {by_mouse}").first).to_be_visible()
    eventually(
        lambda: stack.python(_OUTCOME % by_mouse) == [["denied", "disagreed"]], within_seconds=60
    )
    assert stack.python(_OUTCOME % by_key) == [["approved", "agreed"]]
    page.reload()
    expect(page.get_by_text("you agree with the first decision")).to_be_visible()
    expect(page.get_by_text("compliance looks at both")).to_be_visible()


class Viewer:
    """Somebody who looks at the corners of a revealed picture."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def box(self, selector: str) -> dict[str, float]:
        found: dict[str, float] = self.page.evaluate(
            """(selector) => {
              const box = document.querySelector(selector).getBoundingClientRect();
              return { left: box.left, top: box.top, width: box.width, height: box.height };
            }""",
            selector,
        )
        return found

    @property
    def card(self) -> dict[str, float]:
        return self.box("#stage img")

    @property
    def frame(self) -> dict[str, float]:
        return self.box(".frame-of-picture")

    def percent(self) -> int:
        """How much larger the card is than when it fits."""
        card, frame = self.card, self.frame
        fits = min(frame["width"] / card["width"], frame["height"] / card["height"])
        return round(100 / fits)

    def seen_at(self, right: int, down: int) -> str:
        """What lies above all others at that corner of the card: `IMG` when it is seen."""
        card = self.card
        x = card["left"] + (card["width"] - 2 if right > 0 else 2)
        y = card["top"] + (card["height"] - 2 if down > 0 else 2)
        seen: str = self.page.evaluate(
            "([x, y]) => { const it = document.elementFromPoint(x, y);"
            " return it ? `${it.tagName} ${it.className}`.trim() : 'nothing'; }",
            [x, y],
        )
        return seen

    def middle(self) -> tuple[float, float]:
        frame = self.frame
        return frame["left"] + frame["width"] / 2, frame["top"] + frame["height"] / 2

    def drag(self, right: int, down: int) -> None:
        """From one edge of the frame to the other."""
        x, y = self.middle()
        far_x, far_y = self.frame["width"] * 0.45 * right, self.frame["height"] * 0.45 * down
        self.page.mouse.move(x + far_x, y + far_y)
        self.page.mouse.down()
        self.page.mouse.move(x - far_x, y - far_y, steps=2)
        self.page.mouse.up()

    def wheel(self, right: int, down: int) -> None:
        self.page.mouse.move(*self.middle())
        self.page.mouse.wheel(1500 * right, 1500 * down)

    def arrows(self, right: int, down: int) -> None:
        for _ in range(4):
            self.page.keyboard.press("ArrowRight" if right > 0 else "ArrowLeft")
            self.page.keyboard.press("ArrowDown" if down > 0 else "ArrowUp")


CORNERS = [(-1, -1), (1, -1), (1, 1), (-1, 1)]


def sees_all_corners(viewer: Viewer, way: Callable[[int, int], None]) -> None:
    """Each comes in sight after some moves that way; no event says when one has been answered."""
    for right, down in CORNERS:
        for _ in range(40):
            way(right, down)
            if viewer.seen_at(right, down) == "IMG":
                break
            viewer.page.wait_for_timeout(50)
        assert viewer.seen_at(right, down) == "IMG", (way, right, down, viewer.card, viewer.frame)


@pytest.fixture
def opened(stack: Stack, sign_in: Callable[..., Page]) -> Iterator[Callable[..., Page]]:
    """A request, claimed, with its picture revealed."""

    def open_(username: str, **options: Any) -> Page:
        (request,) = members_wait(stack, f"corner_{int(time.time())}")
        page = sign_in(username, **options)
        page.goto(f"{stack.url}/queue/{request}/")
        page.locator("#claim").click()
        expect(page.get_by_text("Yours for")).to_be_visible()
        page.get_by_role("button", name="Reveal").click()
        expect(page.get_by_role("img", name=PICTURE)).to_be_visible()
        return page

    yield open_


def test_every_corner_at_every_step(opened: Callable[..., Page]) -> None:
    page = opened("moderator")
    viewer = Viewer(page)
    tools = viewer.box(".stage-tools")
    for right, down in CORNERS:
        assert viewer.seen_at(right, down) == "IMG"
    ways = [viewer.drag, viewer.wheel, viewer.arrows, viewer.drag, viewer.wheel]
    for percent, way in zip([150, 200, 300, 400, 600], ways, strict=True):
        page.get_by_role("button", name="Zoom", exact=False).first.click()
        assert viewer.percent() == percent
        sees_all_corners(viewer, way)
        assert viewer.box(".stage-tools") == tools, "the tools stay where they are"
    page.keyboard.press("o")
    sees_all_corners(viewer, viewer.wheel)
    page.keyboard.press("x")
    page.keyboard.press("f")
    assert viewer.percent() == 100


def test_zoom_is_around_the_pointer_and_a_double_click_fits(opened: Callable[..., Page]) -> None:
    page = opened("moderator2")
    viewer = Viewer(page)
    card = viewer.card
    x, y = card["left"] + card["width"] * 0.3, card["top"] + card["height"] * 0.2
    for _ in range(3):
        page.mouse.click(x, y)
        page.wait_for_timeout(600)  # or else two of them are a double click
        now = viewer.card
        assert abs((x - now["left"]) / now["width"] - 0.3) < 0.02
        assert abs((y - now["top"]) / now["height"] - 0.2) < 0.02
    assert viewer.percent() == 300
    page.mouse.dblclick(x, y)
    assert viewer.percent() == 100
    page.mouse.move(x, y)
    page.keyboard.press("z")
    assert abs((x - viewer.card["left"]) / viewer.card["width"] - 0.3) < 0.02


def touch(client: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    client.send(
        "Input.dispatchTouchEvent",
        {
            "type": kind,
            "touchPoints": [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)],
        },
    )


def test_fingers_on_a_phone(opened: Callable[..., Page]) -> None:
    page = opened("moderator", width=390, height=844, has_touch=True)
    page.evaluate("document.getElementById('stage').scrollIntoView({ block: 'center' })")
    viewer = Viewer(page)
    client = page.context.new_cdp_session(page)
    x, y = viewer.middle()
    touch(client, "touchStart", (x - 20, y), (x + 20, y))
    for apart in range(20, 81, 10):
        touch(client, "touchMove", (x - apart, y), (x + apart, y))
    touch(client, "touchEnd")
    eventually(lambda: 350 < viewer.percent() < 450, within_seconds=30)

    def finger(right: int, down: int) -> None:
        x, y = viewer.middle()
        touch(client, "touchStart", (x + 150 * right, y + 120 * down))
        touch(client, "touchMove", (x, y))
        touch(client, "touchMove", (x - 150 * right, y - 120 * down))
        touch(client, "touchEnd")

    sees_all_corners(viewer, finger)

"""The desk by mouse: looking, claiming, leaving; one click decides one thing; undos stack."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.waiting import members_wait
from tests.running import Stack

_STANDS = """
import json
from compliance.desk.models import Claim
from compliance.verification.models import Decision
pks = json.loads("%s")
open_now = Claim.objects.running().filter(item__kind="verification", item__subject__in=pks)
decided = Decision.objects.filter(request__in=pks, standing=True)
print(json.dumps([sorted(open_now.values_list("item__subject", flat=True)), decided.count()]))
"""

# A busy machine must not fail the test: what was decided can be taken back for a minute.
_FOR_A_MINUTE = """
import json
from datetime import timedelta
from django.utils import timezone
from compliance.effects.models import Effect
from compliance.evidence.models import Evidence
from compliance.verification.models import Decision
pks, late = json.loads("%s"), timezone.now() + timedelta(seconds=60)
found = Decision.objects.filter(request__in=pks, standing=True)
for decision in found.filter(undo_until__lt=timezone.now() + timedelta(seconds=11)):
    Effect.objects.filter(cause=f"decision:{decision.pk}").update(not_before=late)
    Evidence.objects.filter(request=decision.request_id).update(destroy_at=late)
    since = decision.decided_at + timedelta(seconds=50)
    Decision.objects.filter(pk=decision.pk).update(undo_until=since + timedelta(seconds=10),
                                                   decided_at=since)
print(json.dumps(found.count()))
"""

# Only what happens makes the page give a sign, and not that twenty seconds are over.
_NO_TICKS = """
const really = window.setInterval;
window.setInterval = (act, ms, ...more) => ms >= 20_000 ? 0 : really(act, ms, ...more);
"""


class Members:
    """Some who wait, shown alone, oldest first; what stands in the database about them."""

    def __init__(self, stack: Stack, count: int) -> None:
        self.stack, self.name = stack, f"mouse{int(time.time() * 1000)}_"
        self.pks = members_wait(stack, *(f"{self.name}{number}" for number in range(count)))
        self.url = f"{stack.url}/queue/?q={self.name}"

    def stand(self) -> tuple[list[int], int]:
        """(which are claimed, how many are decided)"""
        claimed, decided = self.stack.python(_STANDS % json.dumps(self.pks))
        return claimed, decided

    def is_open(self, page: Page, number: int) -> None:
        item = page.locator("#item [data-item]")
        expect(item).to_have_attribute("data-item", str(self.pks[number]))


@pytest.fixture
def members(stack: Stack) -> Callable[[int], Members]:
    return lambda count: Members(stack, count)


def reveal(page: Page) -> None:
    page.locator("#reveal").click()
    expect(page.get_by_role("img", name=re.compile("Picture 1"))).to_be_visible()


def test_a_second_click_decides_nothing(
    members: Callable[[int], Members], sign_in: Callable[..., Page]
) -> None:
    waiting = members(3)
    page = sign_in("moderator")
    page.goto(waiting.url)
    page.locator(f"#row-{waiting.pks[0]}").click()
    waiting.is_open(page, 0)

    # Unseen: refused, and this one stays.
    page.locator("[data-digit='1']").click()
    expect(page.get_by_text("Reveal the picture first")).to_be_visible()
    assert waiting.stand() == ([waiting.pks[0]], 0)

    # Seen: one click decides, the ones after it at the same place do nothing, soon or late.
    reveal(page)
    page.locator("[data-digit='1']").click()
    waiting.is_open(page, 1)
    for pause_ms in (0, 400, 800):
        page.wait_for_timeout(pause_ms)
        page.mouse.down()
        page.mouse.up()
    expect(page.locator("#announce")).to_contain_text("Move the pointer first")
    expect(page.get_by_role("alert")).to_have_count(0)
    assert waiting.stand() == ([waiting.pks[1]], 1)

    # A key that is held down decides once.
    reveal(page)
    page.evaluate("""() => ["d", "1", "1", "1"].forEach((key, at) => document.body.dispatchEvent(
      new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, repeat: at > 1 })))""")
    waiting.is_open(page, 2)
    assert waiting.stand() == ([waiting.pks[2]], 2)


def test_looking_claims_nothing_and_leaving_gives_back(
    members: Callable[[int], Members],
    sign_in: Callable[..., Page],
    eventually: Callable[..., Any],
) -> None:
    waiting = members(3)
    page = sign_in("moderator")
    page.goto(waiting.url)
    for number in (0, 1, 0):
        page.locator(f"#row-{waiting.pks[number]}").click()
        waiting.is_open(page, number)
    expect(page.get_by_text("Nobody has this one.")).to_be_visible()
    assert waiting.stand() == ([], 0)

    # Revealing claims, without a swap that would hide the picture again.
    reveal(page)
    expect(page.get_by_text("Yours for")).to_be_visible()
    expect(page.locator("#claim")).to_have_count(0)
    assert waiting.stand() == ([waiting.pks[0]], 0)

    # Looking at another one gives it back, and so does a closed tab.
    page.keyboard.press("j")
    waiting.is_open(page, 1)
    assert page.url == waiting.url.replace("/queue/", f"/queue/{waiting.pks[1]}/")
    eventually(lambda: waiting.stand()[0] == [], within_seconds=120)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Yours for")).to_be_visible()
    assert waiting.stand()[0] == [waiting.pks[1]]

    # So does claiming another one, sooner than a page that gives no sign.
    page.locator(f"#row-{waiting.pks[2]}").press("Enter")
    waiting.is_open(page, 2)
    eventually(lambda: waiting.stand()[0] == [waiting.pks[2]], within_seconds=30)
    page.close()
    eventually(lambda: waiting.stand()[0] == [], within_seconds=120)


def test_undos_stack(
    stack: Stack, members: Callable[[int], Members], sign_in: Callable[..., Page]
) -> None:
    waiting = members(3)
    page = sign_in("moderator")
    page.goto(f"{waiting.url}")
    page.locator(f"#row-{waiting.pks[0]}").click()
    for number in (0, 1):
        waiting.is_open(page, number)
        reveal(page)
        page.keyboard.press("d")
        page.keyboard.press("2")
        waiting.is_open(page, number + 1)
        assert stack.python(_FOR_A_MINUTE % json.dumps(waiting.pks)) == number + 1
    page.locator(f"#row-{waiting.pks[2]}").click()  # the answer before was of ten seconds
    toasts = page.locator("[data-toast]")
    expect(toasts).to_have_text(
        [
            re.compile(rf"Denied {waiting.name}1\. Message follows in \d+ s"),
            re.compile(rf"Denied {waiting.name}0\. Message follows in \d+ s"),
        ]
    )
    page.keyboard.press("u")
    waiting.is_open(page, 1)
    page.keyboard.press("u")
    waiting.is_open(page, 0)
    expect(toasts).to_have_count(0)
    assert waiting.stand() == ([waiting.pks[0]], 0)


def test_a_second_tab_that_leaves_it_takes_it_from_nobody(
    stack: Stack, members: Callable[[int], Members], sign_in: Callable[..., Page]
) -> None:
    """Five seconds later it would be gone, while the first one still shows it."""
    waiting = members(1)
    page = sign_in("moderator")
    page.add_init_script(_NO_TICKS)
    page.goto(waiting.url)
    page.locator(f"#row-{waiting.pks[0]}").press("Enter")
    expect(page.get_by_text("Yours for")).to_be_visible()
    second = page.context.new_page()
    second.goto(page.url)
    expect(second.get_by_text("Yours for")).to_be_visible()
    second.wait_for_timeout(1_500)  # its first sign has gone
    second.goto(f"{stack.url}/members/")
    page.wait_for_timeout(7_000)
    assert waiting.stand()[0] == waiting.pks


def test_keys_are_the_pages_own_again_after_escape(
    members: Callable[[int], Members], sign_in: Callable[..., Page]
) -> None:
    """Space is meant for the picture, not for the button that Escape came back to."""
    waiting = members(1)
    page = sign_in("moderator")
    page.goto(waiting.url)
    page.locator(f"#row-{waiting.pks[0]}").press("Enter")
    expect(page.get_by_text("Yours for")).to_be_visible()
    page.wait_for_timeout(800)
    page.keyboard.press("d")
    page.keyboard.press("6")
    expect(page.locator("#other-note")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#other-note")).to_be_hidden()
    page.keyboard.press("Space")
    expect(page.get_by_role("img", name=re.compile("Picture 1"))).to_be_visible()
    expect(page.locator("#other-note")).to_be_hidden()

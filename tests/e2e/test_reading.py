"""What staff read: names of any script, words of colleagues, what a member will see."""

import json
import re
import time
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.e2e.waiting import members_wait
from tests.running import Stack

# Gives the member of a request another display name.
_NAMED = """
import json
from compliance.members import roster
from compliance.verification.models import VerificationRequest
member = VerificationRequest.objects.get(pk=%d).member
roster.seen(member.pk, member.username, display_name=json.loads('%s'))
print(json.dumps(member.username))
"""
# moderator2 denies a request with words, so long ago that nobody can undo it.
_DENIED = """
import json
from datetime import timedelta
from django.utils import timezone
from compliance.verification import claims, decisions
from compliance.evidence import custody
from compliance.verification.models import Decision, VerificationRequest
from growmies_admin.accounts.models import Staff
author = Staff.objects.get(username="moderator2")
request = VerificationRequest.objects.get(pk=%d)
claims.claim(request.pk, author)
custody.reveal(request.pk, 1, author)
denied = decisions.deny(
    request.pk, moderator=author, version=request.version, reason="other", note="The edge is cut."
)
past = timezone.now() - timedelta(seconds=1)
print(json.dumps(Decision.objects.filter(pk=denied.pk).update(undo_until=past)))
"""


def named(stack: Stack, username: str, display_name: str) -> int:
    """A request that waits, of a member with this display name."""
    (request,) = members_wait(stack, f"{username}_{int(time.time())}")
    stack.python(_NAMED % (request, json.dumps(display_name)))
    return request


def left_of(shown: Locator) -> float:
    box = shown.bounding_box()
    assert box
    return box["x"]


def test_a_member_is_found_by_either_name_and_shown_with_both(
    stack: Stack, sign_in: Callable[..., Page]
) -> None:
    request = named(stack, "nour", "نورهان ÜNAL")
    page = sign_in("moderator")
    for typed in ("نورهان", "unal", "nour_"):
        page.keyboard.press("/")
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Members")).to_be_visible()
        row = page.get_by_role("row").filter(has_text="نورهان").first
        expect(row).to_be_visible()
    for address, place in {
        f"/queue/{request}/": "#item-title",
        "/queue/?q=unal": ".row-name",
    }.items():
        page.goto(f"{stack.url}{address}")
        first, second = (page.locator(f"{place} bdi").nth(n) for n in range(2))
        expect(first).to_have_text("نورهان ÜNAL")
        expect(second).to_have_text(re.compile(r"^nour_\d+$"))
        assert left_of(first) < left_of(second), "the name has turned nothing around"


def test_a_preview_shows_times_as_the_member_will_see_them(
    stack: Stack, sign_in: Callable[..., Page]
) -> None:
    (request,) = members_wait(stack, f"preview_{int(time.time())}")
    page = sign_in("moderator")
    page.goto(f"{stack.url}/queue/{request}/")
    page.locator("#claim").click()
    page.get_by_role("button", name="Altered").hover()
    preview = page.locator("#preview")
    expect(preview).to_contain_text(re.compile(r"from \w+ \d+, \d{4} at \d+:\d\d [AP]M on"))
    assert "<t:" not in page.content() and "&lt;t:" not in page.content()


def test_compliance_reads_a_colleagues_words_beside_the_form_that_overrides(
    stack: Stack, sign_in: Callable[..., Page]
) -> None:
    (request,) = members_wait(stack, f"written_{int(time.time())}")
    stack.python(_DENIED % request)
    page = sign_in("compliance")
    page.goto(f"{stack.url}/queue/{request}/")
    written = page.get_by_role("region", name="What was written")
    expect(written).to_contain_text("The edge is cut.")
    expect(written).to_contain_text("moderator2")
    expect(page.get_by_role("heading", name="Override this decision")).to_be_visible()


def test_on_a_phone_a_list_of_members_is_cards_with_labels(
    stack: Stack, sign_in: Callable[..., Page]
) -> None:
    named(stack, "card", "A display name that is nearly as long")
    page = sign_in("moderator", width=390, height=844)
    page.goto(f"{stack.url}/members/?q=card_")
    labels = page.evaluate(
        """() => [...document.querySelectorAll("tbody tr:first-child td + td")].map(
          (cell) => getComputedStyle(cell, "::before").content)"""
    )
    assert labels == ['"Id "', '"In the guild "', '"Verified "', '"Joined "']
    assert page.evaluate("document.documentElement.scrollWidth") == 390

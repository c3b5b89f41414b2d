"""The inbox by its keys: what Enter claims is what the eye is on."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.waiting import members_wait
from tests.running import Stack

_SOON = """
import json
from datetime import timedelta
from django.utils import timezone
from compliance.verification.models import VerificationRequest
for minutes, name in enumerate(["first.inbox", "second.inbox", "third.inbox"]):
    found = VerificationRequest.objects.filter(member__username=name)
    found.update(due_at=timezone.now() + timedelta(minutes=minutes - 300))
print(json.dumps(VerificationRequest.objects.get(member__username="second.inbox").pk))
"""
_DECIDED = """
import json
from compliance.desk.models import WorkItem
from compliance.verification import requests
from compliance.verification.models import VerificationRequest
requests.withdraw(VerificationRequest.objects.get(member__username="first.inbox").pk)
print(json.dumps(1))
"""


def test_by_keys(
    stack: Stack, sign_in: Callable[..., Page], eventually: Callable[..., Any]
) -> None:
    members_wait(stack, "first.inbox", "second.inbox", "third.inbox")
    second = stack.python(_SOON)
    page = sign_in("moderator")
    page.wait_for_url("**/inbox/")
    look = page.locator("#look")
    expect(look.get_by_role("heading", name="first.inbox")).to_be_visible()
    row = page.locator("[data-row]").filter(has_text="second.inbox")

    # What is decided elsewhere vanishes by itself, and the look goes on to the next.
    stack.python(_DECIDED)
    expect(page.locator("[data-row]").filter(has_text="first.inbox")).to_have_count(0)
    expect(look.get_by_role("heading", name="second.inbox")).to_be_visible()

    # Before the look has come, Enter claims nothing; then what is looked at.
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(look.get_by_role("heading", name="third.inbox")).to_be_visible()
    assert page.url.endswith("/inbox/")
    page.keyboard.press("k")
    expect(look.get_by_role("heading", name="second.inbox")).to_be_visible()
    expect(row).to_have_attribute("aria-current", "true")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/queue/{second}/")
    expect(page.get_by_text(re.compile("Yours for"))).to_be_visible()
    page.go_back()
    expect(row.get_by_text("yours")).to_be_visible()
    look.get_by_role("button", name="Release").click()
    expect(row.get_by_text("yours")).to_have_count(0)

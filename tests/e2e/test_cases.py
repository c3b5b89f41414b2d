"""A moderator warns a member by keyboard alone; the bot tells them; somebody else overrules it."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.running import Stack


def enter(page: Page, role: Any, name: str) -> None:
    """Go to it and press Enter, as who has no mouse does."""
    page.get_by_role(role, name=name, exact=True).focus()
    page.keyboard.press("Enter")


def test_a_warning(
    stack: Stack, sign_in: Callable[..., Page], eventually: Callable[..., Any]
) -> None:
    made = stack.practice("POST", "/members", username="loud.linda", dms_open=True)
    member = made["id"]

    def told() -> list[str]:
        dms: list[str] = stack.practice("GET", f"/members/{member}")["dms"]
        return dms

    page = sign_in("moderator")

    def is_known() -> bool:
        """The bot has met them."""
        answer = page.goto(f"{stack.url}/members/{member}/")
        return answer is not None and answer.ok

    eventually(is_known, within_seconds=60)
    expect(page.get_by_text("Nothing about their conduct was written down.")).to_be_visible()
    enter(page, "link", "Warn")
    expect(page.get_by_role("heading", name="Record a case about loud.linda")).to_be_visible()
    page.get_by_label("Reason", exact=True).focus()
    page.keyboard.type("Spam")
    page.get_by_label("For the member, beside the reason").focus()
    page.keyboard.type("Three shop links in an hour.")
    enter(page, "button", "Record case")
    expect(page.get_by_role("heading", name="Warning of loud.linda")).to_be_visible()
    expect(page.get_by_text("Message on its way")).to_be_visible()
    assert not told(), "nothing before the undo window is over"
    eventually(told, within_seconds=60)
    number = re.search(r"/moderation/(\d+)/", page.url)
    assert number is not None
    assert told() == [
        "This is a warning, because you posted spam or advertising. The rule: No spam and no "
        f"advertising. Three shop links in an hour. It is case {number[1]}."
    ]
    page.reload()
    expect(page.get_by_text("Message delivered")).to_be_visible()

    other = sign_in("compliance")
    other.goto(page.url)
    other.get_by_label("Why not, for the record").focus()
    other.keyboard.type("They were asked to post them.")
    enter(other, "button", f"Overrule case {number[1]}")
    expect(
        other.get_by_text("The case stays on record, and doesn't count any more.")
    ).to_be_visible()
    assert "It doesn't count any more." in eventually(lambda: told()[1:], within_seconds=60)[0]

"""Verification in person and by the practice provider, over the whole stack, up to the role."""

import re
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.running import Stack

AFTER_UNDO_SECONDS = 20


def newcomer(stack: Stack, name: str) -> tuple[str, str]:
    """A new member of the guild: name and id."""
    name = f"{name}{int(time.time())}"
    return name, stack.practice("POST", "/members", username=name, dms_open=True)["id"]


def gets_the_role(stack: Stack, member: str, eventually: Callable[..., Any]) -> dict[str, Any]:
    """What Discord knows of the member once the role is there."""
    found: dict[str, Any] = eventually(
        lambda: (
            (seen := stack.practice("GET", f"/members/{member}"))
            and "Verified 21+" in seen["roles"]
            and seen["dms"]
            and seen
        ),
        within_seconds=AFTER_UNDO_SECONDS,
    )
    return found


def link_button(said: dict[str, Any]) -> str:
    buttons = [child for row in said["components"] for child in row["components"]]
    return str(buttons[0]["url"])


def test_in_person(
    stack: Stack, sign_in: Callable[..., Page], eventually: Callable[..., Any]
) -> None:
    name, member = newcomer(stack, "ivy_meets")
    # The button in the verification channel does what /verify does.
    said = stack.press(member, "verify")
    assert said["ephemeral"] is True and "verify:method:in_person" in str(said["components"])
    said = stack.press(member, "verify:method:in_person")
    assert "No picture is taken." in said["content"]
    said = stack.press(member, "verify:agree:in_person:1")
    assert "Bring a photo ID" in said["content"]

    desk = sign_in("moderator")
    desk.goto(f"{stack.url}/queue/?q={name}")
    desk.get_by_role("main").get_by_text(name, exact=True).first.click()
    expect(desk.get_by_text("Nobody has this one.")).to_be_visible()
    expect(desk.get_by_role("heading", name="There is no picture here")).to_be_visible()
    desk.keyboard.press("a")
    expect(desk.get_by_role("alert")).to_contain_text("seen this person and their ID")
    attest = desk.get_by_role("checkbox", name=re.compile("I have seen this person"))
    desk.keyboard.press("Space")
    expect(attest).to_be_checked()
    desk.keyboard.press("a")
    # On a busy machine the ten seconds for an undo may be over before the answer is here.
    done = desk.get_by_text(f"Approved {name}").or_(desk.get_by_text("Nothing found"))
    expect(done.first).to_be_visible(timeout=60_000)

    seen = gets_the_role(stack, member, eventually)
    assert seen["dms"] == ["You are verified as 21 or over. Welcome!"]


def test_the_practice_provider(
    stack: Stack, open_page: Callable[..., Page], eventually: Callable[..., Any]
) -> None:
    _, member = newcomer(stack, "oak_checks")
    stack.verify(member, "provider")
    url = link_button(stack.press(member, "verify:agree:provider:1"))
    assert member not in url
    phone = open_page(width=390, height=844)
    phone.goto(url)
    phone.get_by_label("Date of birth").fill("1990-04-20")
    phone.get_by_role("button", name="Pass").click()
    expect(phone.get_by_role("status")).to_contain_text("The site took it: passed")
    assert gets_the_role(stack, member, eventually)["dms"] == [
        "You are verified as 21 or over. Welcome!"
    ]
    # What it decided can't be decided otherwise by calling again.
    phone.get_by_role("button", name="Fail").click()
    expect(phone.get_by_role("status")).to_contain_text("refused it (409)")
    for log in (stack.data_dir / "log").glob("*.log*"):
        assert "1990-04-20" not in log.read_text(errors="replace"), log.name


def test_a_provider_that_is_unsure_hands_over_to_a_person(
    stack: Stack, open_page: Callable[..., Page], sign_in: Callable[..., Page]
) -> None:
    name, member = newcomer(stack, "elm_unsure")
    stack.verify(member, "provider")
    page = open_page()
    page.goto(link_button(stack.press(member, "verify:agree:provider:1")))
    page.get_by_role("button", name="Unsure").click()
    expect(page.get_by_role("status")).to_contain_text("The site took it: unsure")
    desk = sign_in("moderator")
    desk.goto(f"{stack.url}/queue/?q={name}")
    desk.get_by_role("main").get_by_text(name, exact=True).first.click()
    expect(desk.get_by_text("could not tell how old this member is")).to_be_visible()
    expect(desk.get_by_role("checkbox")).to_be_visible()

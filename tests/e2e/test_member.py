"""What members do in a browser beside the story: take it back, and send without JavaScript."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.waiting import picture_of_an_id
from tests.running import Stack


def a_link(stack: Stack, name: str) -> tuple[str, str]:
    member = stack.practice("POST", "/members", username=name)["id"]
    said = stack.verify(member)
    link = re.search(rf"{re.escape(stack.url)}/verify/\S+", said["content"])
    assert link is not None
    return member, link.group()


def send(page: Page, link: str) -> None:
    page.goto(link)
    page.locator("input[type=file]").first.set_input_files(
        {"name": "id.jpg", "mimeType": "image/jpeg", "buffer": picture_of_an_id()}
    )
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Send for review").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sent")


def test_cancel_and_delete(stack: Stack, open_page: Callable[..., Page]) -> None:
    member, link = a_link(stack, "calla.withdraws")
    page = open_page(width=390, height=844)
    send(page, link)
    page.get_by_role("button", name="Cancel and delete").click()
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("Sent")
    said = stack.practice("POST", f"/members/{member}/commands", name="verify-status")
    assert "took your request back" in said["responses"][0]["content"]


def test_without_javascript(stack: Stack, open_page: Callable[..., Page]) -> None:
    _, link = a_link(stack, "fern.noscript")
    send(open_page(width=390, height=844, java_script_enabled=False), link)


def test_what_is_no_picture_is_not_taken(stack: Stack, open_page: Callable[..., Page]) -> None:
    _, link = a_link(stack, "moss.pdf")
    page = open_page(width=390, height=844)
    page.goto(link)
    page.locator("input[type=file]").first.set_input_files(
        {"name": "id.jpg", "mimeType": "image/jpeg", "buffer": b"%PDF-1.7 not a picture"}
    )
    expect(page.get_by_role("alert")).to_contain_text("is not a picture")
    expect(page.get_by_role("img", name="Your picture 1")).to_have_count(0)

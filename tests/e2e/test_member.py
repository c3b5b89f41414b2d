"""What members do in a browser beside the story: take it back, and send without JavaScript."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.listening import AWAY, Console
from tests.e2e.members import a_link
from tests.e2e.waiting import picture_of_an_id
from tests.running import Stack


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
    """What is chosen is seen, and no page after a success is one of the browser's own."""
    _, link = a_link(stack, "fern.noscript")
    page = open_page(width=390, height=844, java_script_enabled=False)
    page.goto(link)
    control = page.locator("input[type=file]")
    box = control.bounding_box()
    assert box and box["height"] >= 44 and box["width"] > 200
    assert control.evaluate("(input) => getComputedStyle(input).opacity") == "1"
    send(page, link)
    assert page.url == link
    for again in (page.reload, lambda: page.goto(link)):
        again()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Sent")
    page.get_by_role("button", name="Cancel and delete").click()
    for _ in range(2):
        expect(page.get_by_role("heading", level=1)).to_have_text("Taken back")
        page.reload()


def test_what_is_missing_is_said_beside_it_in_our_words(
    stack: Stack, open_page: Callable[..., Page]
) -> None:
    _, link = a_link(stack, "sage.forgets")
    page = open_page(width=390, height=844)
    page.goto(link)
    page.get_by_role("button", name="Send for review").click()
    expect(page.get_by_text("Choose a picture of your ID first.")).to_be_visible()
    expect(page.get_by_text("Tick that you agree to this check first.")).to_be_visible()
    assert page.evaluate("document.activeElement.name") == "picture"
    page.get_by_role("checkbox").check()
    expect(page.get_by_text("Tick that you agree to this check first.")).to_be_hidden()


def test_the_preview_shows_the_whole_card(stack: Stack, open_page: Callable[..., Page]) -> None:
    _, link = a_link(stack, "hazel.looks")
    page = open_page(width=390, height=844)
    page.goto(link)
    page.locator("input[type=file]").set_input_files(
        {"name": "my-id.jpg", "mimeType": "image/jpeg", "buffer": picture_of_an_id()}
    )
    preview = page.get_by_role("img", name="Your picture 1")
    expect(preview).to_be_visible()
    shape = preview.evaluate(
        """(img) => {
          const { width, height } = img.getBoundingClientRect();
          const fit = getComputedStyle(img).objectFit;
          return [fit, (width / height) / (img.naturalWidth / img.naturalHeight)];
        }"""
    )
    assert shape[0] == "contain" and abs(shape[1] - 1) < 0.02
    expect(page.get_by_text("my-id.jpg")).to_be_visible()


def test_a_connection_that_ends_with_the_success_leaves_our_page(
    stack: Stack, open_page: Callable[..., Page], console: Console
) -> None:
    console.provokes(AWAY)
    _, link = a_link(stack, "ivy.offline")
    page = open_page(width=390, height=844)
    page.goto(link)
    page.locator("input[type=file]").set_input_files(
        {"name": "id.jpg", "mimeType": "image/jpeg", "buffer": picture_of_an_id()}
    )
    page.get_by_role("checkbox").check()
    page.route(
        link,
        lambda route: (
            route.continue_() if route.request.method == "POST" else route.abort("failed")
        ),
    )
    page.get_by_role("button", name="Send for review").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sent for review")
    expect(page.get_by_text("you can close this page")).to_be_visible()
    page.unroute(link)
    expect(page.get_by_role("button", name="Cancel and delete")).to_be_visible()


def test_what_is_no_picture_is_not_taken(stack: Stack, open_page: Callable[..., Page]) -> None:
    _, link = a_link(stack, "moss.pdf")
    page = open_page(width=390, height=844)
    page.goto(link)
    page.locator("input[type=file]").first.set_input_files(
        {"name": "id.jpg", "mimeType": "image/jpeg", "buffer": b"%PDF-1.7 not a picture"}
    )
    expect(page.get_by_role("alert")).to_contain_text("is not a picture")
    expect(page.get_by_role("img", name="Your picture 1")).to_have_count(0)

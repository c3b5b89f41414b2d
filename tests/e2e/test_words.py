"""What a moderator typed is not lost when the session ends or the form is too old."""

import re
import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.waiting import members_wait
from tests.running import Stack

POLLS = re.compile(r"/queue/rows/|/told/|/watch/|/sign/|/status-chip/")
WORDS = "The back of the card, please: its date is worn off."


def type_words(stack: Stack, page: Page, name: str) -> str:
    (request,) = members_wait(stack, f"{name}_{int(time.time())}")
    url = f"{stack.url}/queue/{request}/"
    page.goto(url)
    page.locator("#claim").press("Enter")
    expect(page.get_by_text("Yours for")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_role("img", name="Picture 1")).to_be_visible()
    page.locator("#ask-more").click()
    page.locator("#more-note").press_sequentially(WORDS)
    return url


def sign_in_here(stack: Stack, page: Page, username: str) -> None:
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password", exact=True).fill(stack.accounts[username]["password"])
    page.keyboard.press("Enter")


def kept(page: Page) -> list[str]:
    return page.evaluate("Object.keys(sessionStorage).filter((one) => one.startsWith('words:'))")


def signs_in_and_finds_the_words(stack: Stack, page: Page, url: str) -> None:
    # Two polls may both lead there: one navigation ends the other.
    expect(page).to_have_url(re.compile("/accounts/login/"), timeout=30_000)
    sign_in_here(stack, page, "moderator2")
    page.wait_for_url(url)
    expect(page.locator("#more-note")).to_have_value(WORDS)
    expect(page.locator("#more-note")).to_be_visible()


def test_it_works(stack: Stack, sign_in: Callable[..., Page]) -> None:
    page = sign_in("moderator2")
    url = type_words(stack, page, "ended")
    # What the page asks by itself says nothing new: it would leave for the sign-in first.
    page.route(POLLS, lambda route: route.fulfill(status=204))
    page.context.clear_cookies()
    page.locator("#more-words button").click()
    signs_in_and_finds_the_words(stack, page, url)
    # Nobody asked to write: keys are the page's own.
    expect(page.locator("#more-note")).not_to_be_focused()


def test_a_page_that_learns_by_itself_that_the_session_ended(
    stack: Stack, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("moderator2")
    url = type_words(stack, page, "polls")
    page.context.clear_cookies()
    signs_in_and_finds_the_words(stack, page, url)


def test_a_form_that_is_too_old(stack: Stack, sign_in: Callable[..., Page]) -> None:
    page = sign_in("moderator2")
    url = type_words(stack, page, "old")
    page.context.clear_cookies(name=re.compile("csrf"))  # what another sign-in does to this form
    page.locator("#more-words button").click()
    expect(page.locator("#more-note")).to_have_value(WORDS)
    assert page.url == url


def test_what_was_accepted_does_not_come_back(stack: Stack, sign_in: Callable[..., Page]) -> None:
    page = sign_in("moderator2")
    type_words(stack, page, "accepted")
    assert kept(page)
    page.locator("#more-note").press("Control+Enter")
    expect(page.get_by_text("Undo").first).to_be_visible()
    assert kept(page) == []


def test_nothing_stays_for_who_signs_in_next(stack: Stack, sign_in: Callable[..., Page]) -> None:
    page = sign_in("moderator2")
    type_words(stack, page, "leaves")
    page.locator("details.menu").last.locator("summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: "/accounts/login/" in url)
    assert kept(page) == []

"""The upload page says only what is known, also when a connection ends at the wrong moment."""

import os
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.cutting import Cutting, cutting
from tests.e2e.listening import AWAY, Console
from tests.e2e.members import a_link
from tests.e2e.waiting import picture_of_an_id
from tests.running import Stack

# Runs inside the site: what there is of a link, by its request.
_STATE = """
import json
from compliance.uploads import links
link = links.find(%r)
print(json.dumps([link.request.state, link.request.evidence.count(), link.round]))
"""
NOT_KNOWN = "whether your picture arrived is not known yet"


@pytest.fixture
def line(stack: Stack) -> Iterator[Cutting]:
    with cutting(stack.port_base) as proxy:
        yield proxy


class Sender:
    """A member with a link on a phone, whose connection goes through `line`."""

    def __init__(self, stack: Stack, line: Cutting, page: Page, name: str) -> None:
        self.stack, self.page = stack, page
        _, link = a_link(stack, name)
        self.token = link.rstrip("/").rsplit("/", 1)[1]
        self.link = link.replace(stack.url, line.url)
        page.goto(self.link)

    def choose(self, content: bytes = b"") -> None:
        self.page.locator("input[type=file]").first.set_input_files(
            {"name": "id.jpg", "mimeType": "image/jpeg", "buffer": content or picture_of_an_id()}
        )
        self.page.get_by_role("checkbox").check()

    def send(self, content: bytes = b"") -> None:
        self.choose(content)
        self.page.get_by_role("button", name="Send for review").click()

    def says(self, words: str) -> None:
        expect(self.page.get_by_role("main")).to_contain_text(words)

    def heading(self, words: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(words)

    @property
    def is_kept(self) -> bool:
        state, pictures, _ = self.stack.python(_STATE % self.token)
        assert (state, pictures) in [("pending", 1), ("opened", 0)]
        return bool(state == "pending")


@pytest.fixture
def sender(
    stack: Stack, line: Cutting, open_page: Callable[..., Page], console: Console
) -> Callable[..., Sender]:
    console.provokes(AWAY)

    def make(name: str, **options: object) -> Sender:
        return Sender(stack, line, open_page(width=390, height=844, **options), name)

    return make


def large() -> bytes:
    """What takes more than one write to send; a JPEG may carry anything behind its end."""
    return picture_of_an_id() + os.urandom(6_000_000)


def test_it_works(sender: Callable[..., Sender]) -> None:
    member = sender("lost.nothing")
    member.send()
    member.heading("Sent for review")
    assert member.is_kept


def test_the_answer_is_lost(sender: Callable[..., Sender], line: Cutting) -> None:
    member = sender("lost.answer")
    line.instead = b""
    member.send()
    assert line.answered.wait(60)
    member.heading("Sent for review")
    assert member.is_kept
    member.page.get_by_role("button", name="Cancel and delete").click()
    member.heading("Taken back")


def test_the_answer_comes_from_a_proxy(sender: Callable[..., Sender], line: Cutting) -> None:
    """It gave up waiting, and knows nothing of what the site did."""
    member = sender("lost.gateway")
    line.instead = b"HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    member.send()
    member.heading("Sent for review")
    assert member.is_kept


def test_the_answer_never_comes(sender: Callable[..., Sender], line: Cutting) -> None:
    member = sender("lost.silence")
    line.holds = True
    member.send()
    assert line.answered.wait(60)
    member.heading("Sent for review")


def test_offline_for_a_while_after_the_last_byte(
    sender: Callable[..., Sender], line: Cutting
) -> None:
    member = sender("lost.offline")
    line.instead, line.then_away = b"", True
    member.send()
    member.says(NOT_KNOWN)
    member.page.wait_for_timeout(4000)
    member.says(NOT_KNOWN)
    expect(member.page.get_by_role("button", name="Send for review")).to_be_hidden()
    line.then_away = line.is_away = False
    member.heading("Sent for review")
    assert member.is_kept


def test_offline_before_the_last_byte(sender: Callable[..., Sender], line: Cutting) -> None:
    member = sender("lost.halfway")
    line.stops_after = 500_000
    member.send(large())
    member.says("Sending your picture")
    line.is_away = True
    member.says(NOT_KNOWN)
    line.stops_after, line.is_away = None, False
    member.says("The connection was lost. Nothing was kept; try again")
    assert not member.is_kept
    member.page.get_by_role("button", name="Send for review").click()
    member.heading("Sent for review")


def test_cancelled_before_the_last_byte(sender: Callable[..., Sender], line: Cutting) -> None:
    member = sender("lost.cancels")
    line.stops_after = 500_000
    member.send(large())
    member.page.get_by_role("button", name="Cancel and delete").click()
    member.says("Cancelled. Nothing was kept.")
    assert not member.is_kept
    line.stops_after = None
    member.send()
    member.heading("Sent for review")


def test_cancelled_while_offline(sender: Callable[..., Sender], line: Cutting) -> None:
    member = sender("lost.blind")
    line.stops_after = 500_000
    member.send(large())
    line.is_away = True
    member.says(NOT_KNOWN)
    member.page.get_by_role("button", name="Cancel and delete").click()
    member.says("whether anything was kept is not known yet")
    line.stops_after, line.is_away = None, False
    member.says("Cancelled. Nothing was kept.")
    assert not member.is_kept


def test_cancelled_after_it_was_accepted(sender: Callable[..., Sender], line: Cutting) -> None:
    member = sender("lost.late")
    line.holds = True
    page = member.page
    # The page has not heard of it yet.
    page.route("**/place/", lambda r: r.abort() if r.request.method == "GET" else r.continue_())
    member.send()
    assert line.answered.wait(60)
    page.get_by_role("button", name="Cancel and delete").click()
    member.heading("Sent for review")
    member.says("Your picture was here already when you cancelled. You can delete it below.")
    assert member.is_kept
    page.get_by_role("button", name="Cancel and delete").click()
    member.heading("Taken back")


def test_a_second_tab_sends_another_picture(sender: Callable[..., Sender]) -> None:
    member = sender("lost.tabs")
    first, second = member.page, member.page.context.new_page()
    second.goto(member.link)
    member.send()
    member.heading("Sent for review")
    member.page = second
    member.send()
    member.says("Something was sent through this link before, and that counts.")
    assert member.is_kept
    first.reload()
    assert "before, and that counts" not in first.get_by_role("main").inner_text()


def test_loaded_again_while_it_is_read(sender: Callable[..., Sender]) -> None:
    """The line is played here: a picture is read too quickly to be met."""
    member = sender("lost.reload")
    places = [2, 0]

    def under_way(route: Route) -> None:
        page = route.fetch().text()
        route.fulfill(body=page.replace('id="upload"', 'id="upload" data-under-way="1"'))

    def place(route: Route) -> None:
        if route.request.method == "GET" and places:
            route.fulfill(json={"place": places.pop(0), "sent_at": None})
        else:
            route.continue_()

    member.page.route(re.compile(r"/verify/[^/]+/$"), under_way)
    member.page.route("**/place/", place)
    member.page.reload()
    member.says("You're number 2 in line")
    member.says("It's your turn")
    member.says("It was not accepted, and nothing was kept.")
    assert not member.is_kept


def test_without_javascript(sender: Callable[..., Sender], line: Cutting) -> None:
    member = sender("lost.noscript", java_script_enabled=False)
    other = member.page.context.new_page()
    other.goto(member.link)
    line.instead = b""
    member.choose()
    member.page.get_by_role("button", name="Send for review").click()
    assert line.answered.wait(60)
    line.instead = None
    # In a tab of its own: the first one is still on its way to the page of the lost answer.
    member.page = member.page.context.new_page()
    member.page.goto(member.link)
    member.heading("Sent for review")
    member.page = other
    member.send()
    member.says("Something was sent through this link before, and that counts.")
    assert member.is_kept

"""The running stack and the browser for browser tests."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_playwright import CreateContextCallback

from tests.e2e.judging import Judge
from tests.e2e.listening import Console
from tests.e2e.waiting import code_on
from tests.running import Stack, eventually, running_stack

# How long a page may take is asked by tests/bench; here a busy machine must not fail a test.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    with running_stack() as running:
        yield running


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's chromium; as root it has no sandbox to drop into."""
    arguments = ["--disable-gpu", "--disable-quic", "--no-first-run"]
    arguments += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    return {**browser_type_launch_args, "executable_path": "/usr/bin/chromium", "args": arguments}


@pytest.fixture
def console() -> Iterator[Console]:
    """Fails the test where a page's console is not empty; `console.provokes(…)` for who asks."""
    listening = Console()
    yield listening
    assert not listening.complaints, "\n".join(listening.complaints)


@pytest.fixture
def new_context(new_context: CreateContextCallback, console: Console) -> CreateContextCallback:
    """Every context of every browser test, that of pytest-playwright's own `page` too."""

    def listened(**options: Any) -> BrowserContext:
        context = new_context(**options)
        console.listen(context)
        return context

    return listened


@pytest.fixture
def open_page(new_context: CreateContextCallback) -> Callable[..., Page]:
    """Opens pages in contexts of their own."""

    def open_(width: int = 1440, height: int = 900, **options: Any) -> Page:
        return new_context(viewport={"width": width, "height": height}, **options).new_page()

    return open_


@pytest.fixture
def sign_in(stack: Stack, open_page: Callable[..., Page]) -> Callable[..., Page]:
    def sign_in_(username: str, **options: Any) -> Page:
        page = open_page(**options)
        page.goto(f"{stack.url}/accounts/login/")
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password", exact=True).fill(stack.accounts[username]["password"])
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(lambda url: "/accounts/login" not in url)
        return page

    return sign_in_


_CONFIRM = """
import json
from growmies_admin.accounts.models import Staff
from growmies_admin.displays import codes, pairing
pairing.confirm(codes.tidy(%r), by=Staff.objects.get(username="operator"), name=%r, board="main")
print(json.dumps(True))
"""


@pytest.fixture
def paired_screen(stack: Stack, open_page: Callable[..., Page]) -> Callable[..., Page]:
    """A television on the main board, paired under this name."""

    def pair(name: str, **options: Any) -> Page:
        page = open_page(**options)
        page.goto(f"{stack.url}/wall/main/")
        stack.python(_CONFIRM % (code_on(page), name))
        page.wait_for_url(f"{stack.url}/wall/main/")
        return page

    return pair


@pytest.fixture
def judge(stack: Stack) -> Iterator[Judge]:
    """Judges pages; the test fails with all that was found."""
    judging = Judge(stack.url)
    yield judging
    assert not judging.found, "\n".join([f"{len(judging.found)} findings", *judging.found[:40]])


@pytest.fixture(name="eventually")
def eventually_fixture() -> Callable[..., Any]:
    return eventually

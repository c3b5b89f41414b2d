"""A television is paired, sees its board and nothing else, and says so when it is revoked."""

import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.judging import Judge
from tests.e2e.listening import AWAY, Console
from tests.e2e.waiting import code_on
from tests.running import Stack, eventually

TELEVISION = {"width": 3840, "height": 2160}
PHONE = {"width": 390, "height": 844}
# The clock of the browser, some hours ahead.
_AHEAD = """(() => {
  const now = Date.now;
  Date.now = () => now() + 3 * 3600 * 1000;
})()"""


def fits(page: Page) -> bool:
    """Nothing is scrolled to the side."""
    fitting: bool = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return fitting


def test_a_television(
    stack: Stack,
    open_page: Callable[..., Page],
    sign_in: Callable[..., Page],
    judge: Judge,
) -> None:
    name = f"Lobby {time.time():.0f}"
    wall = open_page(**TELEVISION)
    wall.goto(f"{stack.url}/wall/main/")
    expect(wall.get_by_role("heading", level=1)).to_have_text("This screen is not paired yet")
    code = code_on(wall)
    expect(wall.get_by_text(f"{stack.url}/displays/")).to_be_visible()
    expect(wall.locator("#wrong-clock")).to_be_hidden()
    assert fits(wall)
    wall.reload()
    assert code_on(wall) == code, "another code after a reload"

    desk = sign_in("operator", **PHONE)
    desk.goto(f"{stack.url}/displays/")
    assert fits(desk)
    desk.get_by_label("Code on the screen").fill(code.lower())
    desk.get_by_role("button", name="Look up code").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Pair this screen?")
    expect(desk.get_by_text("on Linux")).to_be_visible()
    judge.judge(desk, "confirm")
    desk.get_by_label("Name").fill(name)
    desk.get_by_role("button", name="Pair this screen").click()
    expect(desk.get_by_text(f"{name} is paired")).to_be_visible()

    # It goes on by itself, and sees nothing else.
    wall.wait_for_url(f"{stack.url}/wall/main/")
    expect(wall.get_by_role("heading", name="System status")).to_be_visible()
    wall.goto(f"{stack.url}/accounts/login/")
    expect(wall).to_have_url(f"{stack.url}/wall/main/")

    desk.set_viewport_size(TELEVISION)
    desk.goto(f"{stack.url}/displays/")
    row = desk.get_by_role("row", name=name)
    expect(row).to_contain_text("shows its board")
    assert fits(desk)
    row.get_by_role("link", name=name).click()
    judge.judge(desk, "a display")
    desk.get_by_text("Revoke…").click()
    desk.get_by_label("Why").fill("Sold on the market")
    desk.get_by_role("button", name=f"Revoke {name}").click()
    expect(desk.get_by_text(f"{name} is revoked")).to_be_visible()

    heading = wall.get_by_role("heading", name="This screen was revoked")
    expect(heading).to_be_visible(timeout=60_000)
    expect(wall.get_by_text("Somebody ended its access")).to_be_visible()
    expect(wall.get_by_text("Sold on the market")).to_have_count(0)
    assert code_on(wall) != code
    judge.judge(wall, "revoked")


def test_a_restart_leaves_it_paired(
    stack: Stack, paired_screen: Callable[..., Page], console: Console
) -> None:
    console.provokes(AWAY)
    wall = paired_screen("Restarted")
    cookies = wall.context.cookies()
    stack.stop("web")
    stack.start("web")
    eventually(lambda: _answers(wall, stack), within_seconds=60, every_seconds=0.5)
    expect(wall).to_have_url(f"{stack.url}/wall/main/")
    # The television is switched off and on: all that it keeps is its cookies.
    wall.context.clear_cookies()
    wall.context.add_cookies([cookie for cookie in cookies if cookie["expires"] > 0])
    wall.goto(f"{stack.url}/wall/main/")
    expect(wall.get_by_role("heading", name="System status")).to_be_visible()


def test_a_screen_with_a_wrong_clock_says_so(stack: Stack, open_page: Callable[..., Page]) -> None:
    wall = open_page(width=1920, height=1080)
    wall.add_init_script(_AHEAD)
    wall.goto(f"{stack.url}/wall/main/")
    expect(wall.get_by_text("This screen’s clock is wrong.")).to_be_visible()
    expect(wall.get_by_text("Set date and time to automatic")).to_be_visible()
    # The code is good for ten minutes all the same.
    expect(wall.locator("#life")).to_contain_text("Good for 9:")


def test_a_screen_says_that_the_server_does_not_answer(
    stack: Stack, open_page: Callable[..., Page], console: Console
) -> None:
    console.provokes(AWAY)
    wall = open_page(width=1280, height=720)
    wall.goto(f"{stack.url}/displays/pair/?board=secondary")
    code = code_on(wall)
    wall.context.set_offline(True)
    expect(wall.get_by_text("The server does not answer.")).to_be_visible(timeout=60_000)
    wall.context.set_offline(False)
    expect(wall.get_by_text("The server does not answer.")).to_be_hidden(timeout=60_000)
    assert code_on(wall) == code


def test_a_person_who_is_signed_in_is_told(stack: Stack, sign_in: Callable[..., Page]) -> None:
    page = sign_in("viewer")
    page.goto(f"{stack.url}/displays/pair/?board=main")
    expect(page.get_by_role("heading", name="You are signed in here")).to_be_visible()
    page.get_by_role("button", name="Sign out and pair this screen").click()
    assert code_on(page)


def _answers(page: Page, stack: Stack) -> bool:
    try:
        answer = page.goto(f"{stack.url}/wall/main/")
    except Exception:  # it is being started
        return False
    return answer is not None and answer.ok

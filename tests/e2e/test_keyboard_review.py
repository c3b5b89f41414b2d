"""Twenty reviews without a mouse: every act of the desk by its key, and focus never lost."""

import re
import statistics
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Error, Page, expect

from tests.e2e.waiting import members_wait
from tests.running import Stack, eventually

# From the key to the next request's facts, and to its being claimed and open: by the page's clock.
_TIME_NEXT = """() => {
  window.nextTook = window.factsTook = null;
  const item = document.querySelector("#item [data-item]").dataset.item;
  const asked = performance.now();
  const look = () => {
    const now = document.querySelector("#item [data-item]");
    const ready = !document.getElementById("upcoming").hidden;
    if (ready && !window.factsTook) window.factsTook = performance.now() - asked;
    const open = now && now.dataset.item !== item && document.getElementById("lease");
    if (open) window.nextTook = performance.now() - asked;
    else requestAnimationFrame(look);
  };
  look();
}"""


class Keyboard:
    """A moderator who has only keys; after each act the focus is on something."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.took: list[float] = []
        self.facts: list[float] = []

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
        self.focus_is_somewhere()

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)

    def focus_is_somewhere(self) -> None:
        self.until("document.activeElement !== document.body")

    def until(self, expression: str) -> Any:
        """Its first true value. Asked from outside: the page's policy forbids evaluating text."""

        def answer() -> Any:
            try:
                return self.page.evaluate(expression)
            except Error as error:
                if "navigation" not in str(error):
                    raise
                return None  # asked while one page made room for the next

        return eventually(answer, within_seconds=60)

    def opened(self) -> str:
        found = self.page.locator("#item [data-item]").get_attribute("data-item")
        assert found
        return found

    def reveal(self) -> None:
        self.press("Space")
        expect(self.page.get_by_role("img", name=re.compile("Picture 1"))).to_be_visible()

    def decide(self, *keys: str) -> None:
        """Press these; the next one is there, claimed, with the focus on what is to be done."""
        self.until("!!document.querySelector('#upcoming [data-upcoming]')")
        for key in keys[:-1]:
            self.page.keyboard.press(key)
        self.page.evaluate(_TIME_NEXT)
        self.page.keyboard.press(keys[-1])
        self.took.append(float(self.until("window.nextTook")))
        self.facts.append(float(self.page.evaluate("window.factsTook || window.nextTook")))
        self.until("document.activeElement.id === 'reveal'")


def test_twenty_reviews(stack: Stack, sign_in: Callable[..., Page]) -> None:
    own = f"key{int(time.time())}_"  # other tests leave theirs waiting
    members_wait(stack, *(f"{own}{number:02}" for number in range(24)))
    page = sign_in("moderator")
    page.goto(f"{stack.url}/queue/?q={own}")
    you = Keyboard(page)

    # Down, up, down again in the list: looked at and not claimed. Enter claims.
    you.press("j", "j", "k")
    first = page.evaluate("document.activeElement.dataset.row")
    expect(page.locator("#item [data-item]")).to_have_attribute("data-item", first)
    expect(page.get_by_text("Nobody has this one.")).to_be_visible()
    assert page.evaluate("document.activeElement.dataset.row") == first
    you.press("Enter")
    expect(page.get_by_text("Yours for")).to_be_visible()
    assert you.opened() == first

    # Approving unseen is refused, and the focus stays.
    you.press("a")
    expect(page.get_by_text("Reveal the picture first")).to_be_visible()
    you.focus_is_somewhere()

    # Looking: zoom and rotate, and the list of keys.
    you.reveal()
    you.press("z", "o", "z")
    you.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    you.focus_is_somewhere()

    # Undo: the first approval is taken back and its request is open again.
    you.decide("a")
    you.press("u")
    expect(page.locator("#item [data-item]")).to_have_attribute("data-item", first)
    you.reveal()
    you.decide("a")

    # Seventeen more, approved and denied in turn by digit.
    for number in range(17):
        you.reveal()
        you.decide("a") if number % 2 else you.decide("d", str(1 + number % 5))

    # Other needs words; ask for more needs words; both are typed and sent by keys.
    you.reveal()
    you.press("d", "6")
    you.type("The name is not readable.")
    you.decide("Control+Enter")
    you.reveal()
    you.press("m")
    you.type("The back side, please.")
    you.decide("Control+Enter")

    # Escalate to compliance, leave the words once by Escape; letters in the list choose nobody.
    you.press("e", "Escape")
    assert page.evaluate("document.activeElement.id") == "escalate"
    you.press("e")
    you.type("Is this card real?")
    expect(page.locator("#escalate-note")).to_have_value("Is this card real?")
    choices = page.locator("#escalate-to option").all_inner_texts()
    assert [text.lower() for text in choices].count("compliance") == 1
    you.press("Tab", "m")
    expect(page.locator("#escalate-to")).to_have_value("")
    you.press("Shift+Tab")
    handed = you.opened()
    you.decide("Control+Enter")
    you.press("u")
    expect(page.locator("#item [data-item]")).to_have_attribute("data-item", handed)
    expect(page.get_by_text("Yours for")).to_be_visible()

    # Next leaves this one to others; release goes back to the list.
    left = you.opened()
    you.press("n")
    expect(page.locator("#item [data-item]")).not_to_have_attribute("data-item", left)
    you.press("r")
    expect(page.get_by_role("heading", name="Pick a request")).to_be_visible()
    you.focus_is_somewhere()
    you.press("/")
    assert page.evaluate("document.activeElement.name") == "q"

    facts, took = statistics.median(you.facts), statistics.median(you.took)
    print(f"\nafter a decision: the next one's facts in {facts:.0f} ms, claimed and open in")
    print(f"{took:.0f} ms, slowest {max(you.took):.0f} ms; median of {len(you.took)}")
    assert facts < took  # how long it may take is asked by ./dev bench next


def test_a_session_that_ended_comes_back_to_the_same_request(
    stack: Stack, sign_in: Callable[..., Page]
) -> None:
    (request,) = members_wait(stack, f"session_{int(time.time())}")
    page = sign_in("moderator2")
    page.goto(f"{stack.url}/queue/{request}/?method=id_document")
    page.locator("#claim").press("Enter")
    expect(page.get_by_text("Yours for")).to_be_visible()
    page.context.clear_cookies()
    page.keyboard.press("Space")
    page.wait_for_url(lambda url: "/accounts/login/" in url)
    page.get_by_label("Username").fill("moderator2")
    page.get_by_label("Password", exact=True).fill(stack.accounts["moderator2"]["password"])
    page.keyboard.press("Enter")
    page.wait_for_url(f"{stack.url}/queue/{request}/?method=id_document")
    expect(page.get_by_text("Yours for")).to_be_visible()


def test_who_else_looks_and_who_was_faster(stack: Stack, sign_in: Callable[..., Page]) -> None:
    (request,) = members_wait(stack, f"watched_{int(time.time())}")
    first, second = sign_in("moderator"), sign_in("compliance")
    for page in (first, second):
        page.goto(f"{stack.url}/queue/{request}/")
    expect(first.locator("#watch").get_by_text("Also looking: compliance")).to_be_visible(
        timeout=60_000
    )
    second.locator("#claim").press("Enter")
    expect(first.locator("#watch").get_by_text("compliance is working on this.")).to_be_visible(
        timeout=60_000
    )
    row = first.locator(f"#row-{request}")
    expect(row.get_by_text("compliance is looking")).to_be_visible(timeout=60_000)
    parts = [row.locator(part).bounding_box() for part in (".row-name", ".row-facts")]
    assert parts[0] and parts[1]
    assert parts[0]["y"] + parts[0]["height"] <= parts[1]["y"], "no line lies upon another"
    assert row.locator(".row-facts").evaluate("(e) => e.scrollWidth <= e.clientWidth + 1")
    second.keyboard.press("Space")
    expect(second.get_by_role("img", name="Picture 1")).to_be_visible()
    second.keyboard.press("d")
    second.keyboard.press("2")
    expect(first.locator("#watch").get_by_text("compliance decided this: denied.")).to_be_visible(
        timeout=60_000
    )
    first.get_by_role("link", name="Show it as it is now").press("Enter")
    expect(first.get_by_text("Denied by compliance")).to_be_visible()
    expect(first.locator("#item")).to_be_attached()  # what comes next has its place still


def test_a_message_above_the_desk_moves_no_column(
    stack: Stack, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("moderator2")
    page.goto(f"{stack.url}/queue/")
    expect(page.locator(".notices")).to_have_count(0)
    columns = """() => [".desk-list", ".waiting"].map((part) => {
      const { x, width } = document.querySelector(part).getBoundingClientRect();
      return [x, width];
    })"""
    before = page.evaluate(columns)
    assert before[0] == [0, 384]
    page.evaluate("""() => {
      const said = document.createElement("div");
      said.className = "notices";
      said.append(Object.assign(document.createElement("p"), { className: "notice" }));
      document.querySelector("main").prepend(said);
    }""")
    assert page.evaluate(columns) == before

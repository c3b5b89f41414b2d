"""Every page once for each role that may open it: nothing is logged, nothing is blocked.

For one of the roles it is judged in both themes, at the desk and on a phone; with
`./dev test --pages` for all of them.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import pages
from tests.e2e.judging import FULL, Judge
from tests.e2e.listening import Console
from tests.e2e.waiting import members_wait
from tests.growmies_admin.accounts.table import ROLES
from tests.running import Stack

Visit = Callable[..., Page]
# An entry with a time in its facts, as a silence leaves one.
_SILENCED = """
import json
from datetime import timedelta
from django.utils import timezone
from monitoring.audit import trail
from monitoring.audit.models import Category
for name in ("first", "second"):
    until = timezone.now() + timedelta(hours=1)
    trail.record(
        "test.silenced",
        category=Category.TECHNICAL,
        data={"name": name, "until": until.isoformat()},
    )
print(json.dumps(True))
"""


@pytest.fixture(scope="session")
def place(stack: Stack) -> dict[str, Any]:
    """One of everything on the stack; sessions of all roles."""
    return pages.make_place(stack)


@pytest.fixture
def visit(place: dict[str, Any], open_page: Callable[..., Page], judge: Judge) -> Visit:
    """Opens an address as somebody of a role (or as nobody), and judges it where asked to."""
    opened: dict[str, Page] = {}

    def visit_(role: str, path: str, name: str, *, judged: bool) -> Page:
        if role not in opened:
            opened[role] = page = open_page()
            if role:
                cookie = {"name": place["cookie"], "value": place["sessions"][role]}
                page.context.add_cookies([cookie | {"url": judge.url}])
        page = opened[role]
        url = path if path.startswith("http") else f"{judge.url}{path}"
        answer = page.goto(url, timeout=90_000)
        assert answer and answer.ok, f"{role} {name}: {answer and answer.status}"
        assert page.url.rstrip("/").endswith(path.rstrip("/")), f"{name} led to {page.url}"
        (judge.judge if judged else judge.look)(page, f"{name} ({role})")
        return page

    return visit_


def test_every_address_is_known() -> None:
    """A new page goes into the table of who may read it, or into one of the lists of pages.py."""
    assert pages.unlisted() == set()


@pytest.mark.parametrize("role", ROLES)
def test_pages_of_a_role(place: dict[str, Any], visit: Visit, role: str) -> None:
    for name in pages.pages_of(role):
        judged = FULL or pages.judged_for(name) == role
        visit(role, place["urls"][name], name, judged=judged)


@pytest.mark.parametrize("role", ROLES if FULL else ["viewer"])
def test_ones_own_pages(place: dict[str, Any], visit: Visit, role: str) -> None:
    for name in sorted(pages.OWN):
        visit(role, place["urls"][name], name, judged=True)


def test_pages_without_a_sign_in(place: dict[str, Any], visit: Visit) -> None:
    for name in sorted(pages.DOORS):
        visit("", place["urls"][name], name, judged=True)


def test_the_django_admin(visit: Visit) -> None:
    """Its looks are Django's own; what the browser says of it is ours."""
    for path in pages.admin_pages():
        visit("administrator", path, path, judged=False)


def test_a_field_that_somebody_made_taller_breaks_no_rule_when_it_is_swapped(
    stack: Stack, sign_in: Callable[..., Page]
) -> None:
    """The browser keeps its height as a style, which no script may copy as an attribute."""
    (request,) = members_wait(stack, "stretches")
    page = sign_in("moderator")
    page.goto(f"{stack.url}/queue/{request}/")
    page.locator("#claim").click()
    expect(page.get_by_text("Yours for")).to_be_visible()
    page.locator("#ask-more").click()
    field = page.locator("#more-note")
    box = field.bounding_box()
    assert box
    right, bottom = box["x"] + box["width"], box["y"] + box["height"]
    page.mouse.move(right - 4, bottom - 4)
    page.mouse.down()
    page.mouse.move(right - 4, bottom + 40, steps=4)
    page.mouse.up()
    assert "height" in (field.get_attribute("style") or "")
    page.evaluate("window.htmx.ajax('GET', location.pathname, '#item')")
    expect(field).to_be_hidden()  # the form of the new item is closed
    page.wait_for_timeout(100)  # htmx settles after 20 ms


def test_what_a_console_says_fails_a_test(open_page: Callable[..., Page], console: Console) -> None:
    page = open_page()
    page.goto("about:blank")
    for script in (
        "console.error('wrong')",
        "console.warn('careful')",
        "setTimeout(() => { throw new Error('thrown'); })",
    ):
        page.evaluate(script)
    page.wait_for_timeout(100)
    assert len(console.complaints) == 3
    console.complaints.clear()
    console.provokes("^wrong")
    page.evaluate("console.error('wrong again')")
    page.wait_for_timeout(100)
    assert not console.complaints


def test_audit_facts_are_for_people(stack: Stack, place: dict[str, Any], visit: Visit) -> None:
    """A time in a fact is one as everywhere, and a row is one line."""
    stack.python(_SILENCED)
    page = visit("administrator", "/audit/?action=test.", "audit facts", judged=False)
    row = page.get_by_role("row").filter(has_text="until").first
    expect(row.locator("td.wide time")).to_have_text(re.compile("^in "))
    assert (
        len(set(page.eval_on_selector_all("tbody tr", "all => all.map((e) => e.offsetHeight)")))
        == 1
    )


def test_deactivating_somebody_asks_first(place: dict[str, Any], visit: Visit) -> None:
    page = visit("administrator", "/staff/", "staff", judged=False)
    row = page.get_by_role("row").filter(has_text="moderator2")
    row.get_by_text("Deactivate…").click()
    expect(row.get_by_text("signed out everywhere at once")).to_be_visible()
    expect(row).to_contain_text("active")
    row.get_by_role("button", name="Deactivate moderator2").click()
    expect(page.get_by_text("moderator2 is signed out and can't sign in any more.")).to_be_visible()
    row.get_by_role("button", name="Reactivate").click()
    expect(page.get_by_text("moderator2 may sign in again.")).to_be_visible()


def test_the_desk_says_when_nobody_waits(stack: Stack, sign_in: Callable[..., Page]) -> None:
    """Under a filter that nothing fits, so that other tests may go on meanwhile."""
    page = sign_in("moderator")
    page.goto(f"{stack.url}/queue/?q=nobody-of-this-name")
    expect(page.locator("#item-title")).to_have_text("Nothing found", use_inner_text=True)
    expect(page.locator("#first-next")).to_be_hidden()
    members_wait(stack, "waits.now")
    page.goto(f"{stack.url}/queue/?q=waits.now")
    expect(page.locator("#item-title")).to_have_text("Pick a request", use_inner_text=True)
    page.keyboard.press("n")
    opened = page.locator("#item [data-item]")
    expect(opened).to_be_visible()
    assert f"/queue/{opened.get_attribute('data-item')}/?q=waits.now" in page.url
    page.goto(f"{stack.url}/queue/")
    heights = page.eval_on_selector_all("[data-row]", "all => all.map((e) => e.offsetHeight)")
    assert len(set(heights)) == 1, "rows keep one height"
    waiting = page.locator("#tab-open span").inner_text()
    expect(page.locator(".nav-bar a[href='/queue/'] .count")).to_have_text(waiting)

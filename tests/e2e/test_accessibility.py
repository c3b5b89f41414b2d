"""No page breaks a rule of WCAG 2.2 AA that axe-core can judge: dark and light, desk and phone.

Each page is loaded once; scheme and size are changed under it. Pages that a role's navigation
leads to are found there, so that a new one is judged without being listed.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.judging import Judge
from tests.e2e.waiting import members_wait, picture_of_an_id
from tests.running import Stack

_LINK = """
import json
from compliance.members import roster
from compliance.verification import requests
print(json.dumps(requests.open_request(roster.seen(1187342001234560000, "axe_opened")).url))
"""
_DENY = """
import json
from datetime import timedelta
from compliance import policy
from compliance.verification import claims, decisions
from compliance.verification.models import VerificationRequest
from growmies_admin.accounts.models import Staff
# Of this process alone: an override has nothing to wait for.
before, policy.UNDO_WINDOW = policy.UNDO_WINDOW, timedelta(0)
moderator, pk = Staff.objects.get(username="moderator"), %d
claims.claim(pk, moderator)
version = VerificationRequest.objects.get(pk=pk).version
decisions.deny(pk, moderator=moderator, version=version, reason="unreadable")
policy.UNDO_WINDOW = before
print(json.dumps("denied"))
"""
_FACTS = """
import json
from compliance.verification.models import VerificationRequest
print(json.dumps(str(VerificationRequest.objects.get(pk=%d).member_id)))
"""


def navigation(page: Page) -> list[str]:
    return page.eval_on_selector_all(".nav-bar a", "all => all.map((a) => a.getAttribute('href'))")


def test_the_desk(stack: Stack, sign_in: Callable[..., Page], judge: Judge) -> None:
    first, _ = members_wait(stack, "axe_one", "axe_two")
    page = sign_in("moderator")
    judge.visit(page, "/queue/")
    page.locator(".desk-filters summary").click()
    judge.judge(page, "filters")
    judge.visit(page, "/queue/?state=opened&q=nobody", "an empty list")
    judge.visit(page, f"/queue/{first}/", "not claimed")
    page.locator("#claim").click()
    expect(page.get_by_text("Yours for")).to_be_visible()
    judge.judge(page, "claimed")
    page.keyboard.press("a")
    expect(page.get_by_role("alert")).to_be_visible()
    judge.judge(page, "refused")
    page.keyboard.press("Space")
    expect(page.get_by_role("img", name="Picture 1")).to_be_visible()
    page.keyboard.press("d")
    judge.judge(page, "revealed, deny")
    for key, form in (("m", "#more-words"), ("e", "#escalate-words")):
        page.keyboard.press(key)
        expect(page.locator(form)).to_be_visible()
        judge.judge(page, form)
        page.keyboard.press("Escape")
    page.keyboard.press("?")
    judge.judge(page, "keys")
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    page.keyboard.press("2")
    expect(page.get_by_text("Denied axe_one")).to_be_visible()
    judge.judge(page, "decided")


def test_pages_of_moderators(stack: Stack, sign_in: Callable[..., Page], judge: Judge) -> None:
    (request,) = members_wait(stack, "axe_member")
    member = stack.python(_FACTS % request)
    page = sign_in("moderator")
    for path in navigation(page):
        if path not in ("/queue/", "/wall/main/"):
            judge.visit(page, path)
    for path in (
        f"/members/{member}/",
        "/account/keys/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/password/change/",
        "/staff/",
        "/nowhere/",
    ):
        judge.visit(page, path)


def test_pages_of_compliance(stack: Stack, sign_in: Callable[..., Page], judge: Judge) -> None:
    request, denied = members_wait(stack, "axe_looked_at", "axe_denied")
    member = stack.python(_FACTS % request)
    page = sign_in("compliance")
    seen = {"/queue/", "/wall/main/", "/members/", "/effects/", "/mobile/", "/maintenance/"}
    for path in navigation(page):
        if path not in seen:
            judge.visit(page, path)
    judge.visit(page, f"/queue/{request}/look/")
    stack.python(_DENY % denied)
    judge.visit(page, f"/queue/{denied}/", "override")
    expect(page.get_by_label("Why?")).to_be_visible()
    judge.visit(page, f"/members/{member}/erase/")
    judge.visit(page, "/queue/bulk/")
    page.get_by_label("All ").check()
    page.get_by_label("Release claims").check()
    page.get_by_role("button", name="Look at what will happen").click()
    judge.judge(page, "preview of a bulk")


@pytest.mark.parametrize(
    ("who", "paths"),
    [
        ("operator", ["/maintenance/", "/maintenance/daily_cleanup/", "/displays/"]),
        ("administrator", ["/staff/", "/staff/tokens/", "/audit/"]),
        ("viewer", ["/kpis/", "/kpis/retention/", "/kpis/message-volume/"]),
    ],
)
def test_pages_of_others(
    sign_in: Callable[..., Page], judge: Judge, who: str, paths: list[str]
) -> None:
    page = sign_in(who)
    for path in paths:
        judge.visit(page, path)


def test_a_paired_screen(paired_screen: Callable[..., Page], judge: Judge) -> None:
    judge.judge(paired_screen("Judged"), "/wall/main/")


def test_pages_without_a_sign_in(
    stack: Stack, open_page: Callable[..., Page], judge: Judge
) -> None:
    page = open_page()
    for path in ("/accounts/login/", "/accounts/password/reset/", "/accounts/signup/"):
        judge.visit(page, path)
    link = stack.python(_LINK)
    judge.visit(page, link, "upload")
    judge.visit(page, f"{link}withdraw/", "withdraw")
    page.goto(link)
    page.locator("input[type=file]").first.set_input_files(
        {"name": "id.jpg", "mimeType": "image/jpeg", "buffer": picture_of_an_id()}
    )
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Send for review").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sent")
    judge.judge(page, "sent")
    judge.visit(page, "/verify/not-one-of-ours/", "a link that is not ours")

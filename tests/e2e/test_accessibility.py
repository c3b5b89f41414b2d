"""What pages become when somebody acts breaks no rule of WCAG 2.2 AA that axe-core can judge.

Dark and light, desk and phone: scheme and size are changed under a page that is loaded once. Pages
as they open are judged in test_pages.py.
"""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.judging import Judge
from tests.e2e.waiting import members_wait, picture_of_an_id
from tests.running import Stack

_LINK = """
import json
from compliance.uploads import opening
from compliance.members import roster
print(json.dumps(opening.open_request(roster.seen(1187342001234560000, "axe_opened")).url))
"""
_DENY = """
import json
from datetime import timedelta
from compliance import policy
from compliance.verification import claims, decisions
from compliance.evidence import custody
from compliance.verification.models import VerificationRequest
from growmies_admin.accounts.models import Staff
# Of this process alone: an override has nothing to wait for.
before, policy.UNDO_WINDOW = policy.UNDO_WINDOW, timedelta(0)
moderator, pk = Staff.objects.get(username="moderator"), %d
claims.claim(pk, moderator)
custody.reveal(pk, 1, moderator)
version = VerificationRequest.objects.get(pk=pk).version
decisions.deny(pk, moderator=moderator, version=version, reason="unreadable")
policy.UNDO_WINDOW = before
print(json.dumps("denied"))
"""


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
    expect(page.get_by_text("Denied axe_one").first).to_be_visible()
    judge.judge(page, "decided")


def test_what_compliance_does(stack: Stack, sign_in: Callable[..., Page], judge: Judge) -> None:
    (denied,) = members_wait(stack, "axe_denied")
    page = sign_in("compliance")
    stack.python(_DENY % denied)
    judge.visit(page, f"/queue/{denied}/", "override")
    expect(page.get_by_label("Why?")).to_be_visible()
    page.goto(f"{stack.url}/queue/bulk/")
    page.get_by_label("All ").check()
    page.get_by_label("Release claims").check()
    page.get_by_role("button", name="Preview changes").click()
    judge.judge(page, "preview of a bulk")


def test_what_is_refused_or_needs_a_fresh_sign_in(
    sign_in: Callable[..., Page], judge: Judge
) -> None:
    page = sign_in("moderator")
    for path in ("/staff/", "/nowhere/", "/accounts/2fa/totp/activate/"):
        judge.visit(page, path)


def test_a_paired_screen(paired_screen: Callable[..., Page], judge: Judge) -> None:
    judge.judge(paired_screen("Judged"), "/wall/main/")


def test_what_members_see(stack: Stack, open_page: Callable[..., Page], judge: Judge) -> None:
    page = open_page()
    link = stack.python(_LINK)
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

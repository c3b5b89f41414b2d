"""A denied member appeals in Discord, and is let send again with a fresh link."""

import json
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.running import Stack

# A denial of this member by somebody else than the moderator who signs in.
_DENY = """
import io, json
from PIL import Image
from compliance.uploads import opening
from compliance import policy
from compliance.members import roster
from compliance.verification import claims, decisions
from compliance.evidence import custody
from compliance.uploads import submission
from growmies_admin.accounts.models import Staff
out = io.BytesIO()
Image.new("RGB", (240, 200), "#8fa2ad").save(out, "JPEG")
opened = opening.open_request(roster.seen(int('%s'), "%s"))
token = opened.url.rstrip("/").rsplit("/", 1)[1]
made = submission.submit(token, [out.getvalue()], consent_version=policy.CONSENT_VERSION)
author = Staff.objects.get(username="compliance")
claims.claim(made.pk, author)
custody.reveal(made.pk, 1, author)
denied = decisions.deny(made.pk, moderator=author, version=made.version, reason="unreadable")
print(json.dumps(denied.pk))
"""
_COOL_DOWN_IS_OVER = """
import json
from datetime import timedelta
from compliance import policy
from compliance.verification.models import Decision
found = Decision.objects.filter(pk=%s)
past = policy.DENIAL_APPEAL_COOL_DOWN + timedelta(minutes=1)
at = found.get().decided_at - past
print(json.dumps(found.update(decided_at=at, undo_until=at)))
"""


def appeal(stack: Stack, member: str) -> Any:
    return stack.practice("POST", f"/members/{member}/commands", name="appeal")


def said(answer: Any) -> str:
    return str(answer["responses"][0]["content"])


def test_appeal(stack: Stack, sign_in: Callable[..., Page], eventually: Callable[..., Any]) -> None:
    name = "willow.appeals"
    member = stack.practice("POST", "/members", username=name)["id"]
    assert "no denial" in said(appeal(stack, member))
    decision = stack.python(_DENY % (member, name))
    assert "<t:" in said(appeal(stack, member)), "the cool-down says until when"
    stack.python(_COOL_DOWN_IS_OVER % decision)
    form = appeal(stack, member)["modal"]
    (field,) = re.findall(r'"custom_id": "(\w+)"', json.dumps(form["components"]))
    sent = stack.practice(
        "POST",
        f"/members/{member}/modals",
        custom_id=form["custom_id"],
        values={field: "The date can be read."},
    )
    assert "Someone other than the original reviewer" in said(sent)
    assert "appealed this decision already" in said(appeal(stack, member))

    desk = sign_in("moderator")
    desk.goto(f"{stack.url}/appeals/")
    desk.get_by_role("link", name=name).click()
    expect(desk.get_by_text("The date can be read.")).to_be_visible()
    desk.get_by_role("button", name="Let them send again").click()
    expect(desk.get_by_role("heading", name="May send again")).to_be_visible()

    def link() -> str:
        messages = stack.practice("GET", f"/members/{member}")["dms"]
        found = re.search(rf"{re.escape(stack.url)}/verify/\S+", json.dumps(messages))
        return found.group().rstrip('",') if found else ""

    url = eventually(link, within_seconds=60)
    desk.goto(url)
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Show that you are")

"""Members who leave and come back, and a role that can't be given: said in words, and mended."""

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.people import Crowd, Wave
from tests.running import Stack

_FAILED = """
import json
from compliance.effects.models import Effect
found = Effect.objects.filter(member_id=%s, kind="role").order_by("-version").first()
print(json.dumps([found.state, found.error, found.error_code, found.pk]))
"""

_MESSAGE = """
import json
from compliance.effects.models import Effect
found = Effect.objects.filter(member_id=%s, kind="message").latest("id")
print(json.dumps([found.state, found.attempts]))
"""
_VERSION = """
from compliance.verification.models import VerificationRequest
print(VerificationRequest.objects.get(pk=%s).version)
"""
_OPEN = """
import json
from compliance.effects.models import Effect
found = Effect.objects.filter(member_id=%s, state__in=["waiting", "ready", "delivering"])
print(json.dumps(list(found.values_list("kind", "attempts", "payload"))))
"""


def role_effect(stack: Stack, member: str) -> Any:
    return stack.python(_FAILED % member)


def approved(crowd: Crowd, before_delivery: Callable[[str], None] = lambda member: None) -> str:
    """A member whose request was approved; `before_delivery` happens within the undo window."""
    wave = crowd.members(2)
    even = next(request for request in wave.requests.values() if request % 2 == 0)
    member = wave.members[even]
    one = Wave({member: even})
    moderator = crowd.moderators[0]
    moderator.patiently(lambda: moderator.post(f"/queue/{even}/claim/"))
    before_delivery(member)
    moderator.decide(one, even)
    assert one.answered[even][0] == "approved"
    return member


def open_effects(stack: Stack, member: str) -> int:
    return len(stack.python(_OPEN % member))


def is_retried(stack: Stack, member: str) -> bool:
    return any(attempts > 0 for _, attempts, _ in stack.python(_OPEN % member))


def retries_the_later_wish(stack: Stack, member: str, first: str) -> bool:
    """The newest wish for the role has been tried at Discord, and the older one is gone."""
    roles = [(n, p["present"]) for kind, n, p in stack.python(_OPEN % member) if kind == "role"]
    return len(roles) == 1 and roles[0][0] > 0 and roles[0][1] == (first == "denied")


def is_telling(stack: Stack, member: str, attempt: int) -> bool:
    """Whether the bot is just sending the message, for this time."""
    state, attempts = stack.python(_MESSAGE % member)
    return state == "delivering" and attempts >= attempt


def has_role(stack: Stack, member: str) -> bool:
    return "Verified 21+" in stack.practice("GET", f"/members/{member}")["roles"]


@pytest.mark.parametrize("away", ["nothing", "bot", "postgres"])
def test_who_left_before_the_grant_gets_it_on_coming_back(
    crowd: Crowd, eventually: Callable[..., Any], away: str
) -> None:
    """Also when the bot, or the database in which it writes them down, was away just then."""
    stack = crowd.stack
    member = approved(crowd, lambda m: stack.practice("POST", f"/members/{m}/leave"))
    eventually(lambda: role_effect(stack, member)[0] == "parked", within_seconds=60)
    if away != "nothing":
        stack.stop(away)
    stack.practice("POST", f"/members/{member}/join")
    if away == "postgres":
        time.sleep(5)  # the bot has given up writing them down
    if away != "nothing":
        stack.start(away)
    eventually(lambda: has_role(stack, member), within_seconds=60)
    seen = eventually(
        lambda: (s := stack.practice("GET", f"/members/{member}")) and s["dms"] and s,
        within_seconds=60,
    )
    assert len(seen["dms"]) == 1


def test_who_left_after_the_grant_gets_it_again(
    crowd: Crowd, eventually: Callable[..., Any]
) -> None:
    stack = crowd.stack
    member = approved(crowd)
    eventually(lambda: has_role(stack, member), within_seconds=60)
    eventually(lambda: role_effect(stack, member)[0] == "delivered", within_seconds=60)
    stack.practice("POST", f"/members/{member}/leave")
    assert not has_role(stack, member)
    stack.practice("POST", f"/members/{member}/join")
    eventually(lambda: has_role(stack, member), within_seconds=60)


def test_a_role_above_the_bots(crowd: Crowd, eventually: Callable[..., Any]) -> None:
    stack = crowd.stack
    role = next(r for r in stack.practice("GET", "/guild")["roles"] if r["name"] == "Verified 21+")
    stack.practice("PATCH", f"/roles/{role['id']}", above_bot=True)
    member = approved(crowd)
    eventually(lambda: role_effect(stack, member)[0] == "failed", within_seconds=60)
    _, words, code, effect = role_effect(stack, member)
    assert code == 50013
    assert "Move" in words and "above Verified 21+" in words
    page = crowd.moderators[2].client.get("/effects/?tab=failed").text
    assert "above Verified 21+" in page

    stack.practice("PATCH", f"/roles/{role['id']}", position=1)
    retried = crowd.moderators[2].post(f"/effects/{effect}/retry/")
    assert retried.status_code == 302
    eventually(lambda: has_role(stack, member), within_seconds=60)


def test_without_the_permission(crowd: Crowd, eventually: Callable[..., Any]) -> None:
    stack = crowd.stack
    roles = stack.practice("GET", "/guild")["roles"]
    role = next(r["id"] for r in roles if r["name"] == "Growmies")
    stack.practice("PATCH", f"/roles/{role}", remove=["MANAGE_ROLES"])
    try:
        member = approved(crowd)
        eventually(lambda: role_effect(stack, member)[0] == "failed", within_seconds=60)
        _, words, code, effect = role_effect(stack, member)
        assert code == 50013
        assert "Manage Roles" in words
    finally:
        stack.practice("PATCH", f"/roles/{role}", add=["MANAGE_ROLES"])
    crowd.moderators[2].post(f"/effects/{effect}/retry/")
    eventually(lambda: has_role(stack, member), within_seconds=60)


def test_a_role_that_was_deleted(crowd: Crowd, eventually: Callable[..., Any]) -> None:
    stack = crowd.stack
    role = next(r for r in stack.practice("GET", "/guild")["roles"] if r["name"] == "Verified 21+")
    stack.practice("DELETE", f"/roles/{role['id']}")
    try:
        member = approved(crowd)
        eventually(lambda: role_effect(stack, member)[0] == "failed", within_seconds=60)
        _, words, code, effect = role_effect(stack, member)
        assert code == 10011
        assert "no role 'Verified 21+'" in words and "Create it" in words
        page = crowd.moderators[2].client.get("/effects/?tab=failed").text
        assert "Create it" in page
    finally:
        stack.practice("POST", "/roles", name="Verified 21+")
    crowd.moderators[2].post(f"/effects/{effect}/retry/")
    eventually(lambda: has_role(stack, member), within_seconds=60)


@pytest.mark.parametrize("first", ["approved", "denied"])
def test_an_override_while_the_first_decision_is_still_being_delivered(
    crowd: Crowd, eventually: Callable[..., Any], first: str
) -> None:
    """Discord answers again after both decisions: the member ends as the later one says."""
    stack = crowd.stack
    wave = crowd.members(2)
    request = next(r for r in wave.requests.values() if (r % 2 == 0) == (first == "approved"))
    member = wave.members[request]
    stack.practice("POST", "/faults", kind="errors", status=500, seconds=120)
    one = Wave({member: request})
    author, compliance = crowd.moderators[0], crowd.moderators[2]
    author.patiently(lambda: author.post(f"/queue/{request}/claim/"))
    author.decide(one, request)
    assert one.answered[request][0] == first
    eventually(lambda: is_retried(stack, member), within_seconds=60)

    later = {"reason": "altered"} if first == "approved" else {}
    overridden = compliance.post(
        f"/queue/{request}/override/",
        version=stack.python(_VERSION % request),
        note="Another look at it.",
        **later,
    )
    assert overridden.status_code == 302, overridden.text[:300]
    eventually(lambda: retries_the_later_wish(stack, member, first), within_seconds=60)
    stack.practice("DELETE", "/faults")
    eventually(lambda: role_effect(stack, member)[0] == "delivered", within_seconds=90)
    eventually(lambda: open_effects(stack, member) == 0, within_seconds=90)
    assert has_role(stack, member) == (first == "denied")


def test_a_bot_that_is_killed_at_each_delivery(
    crowd: Crowd, eventually: Callable[..., Any]
) -> None:
    """The message is told once, however often the bot dies in the middle of telling it."""
    stack = crowd.stack
    stack.practice("POST", "/faults", kind="latency", delay_seconds=2, seconds=200)
    member = approved(crowd)
    for attempt in range(1, 4):
        eventually(lambda n=attempt: is_telling(stack, member, n), within_seconds=60)
        time.sleep(2.5)  # the channel is open by then, and the message on its way
        os.kill(stack.pid("bot"), signal.SIGKILL)
    stack.practice("DELETE", "/faults")
    eventually(lambda: has_role(stack, member), within_seconds=60)
    eventually(lambda: role_effect(stack, member)[0] == "delivered", within_seconds=60)
    eventually(
        lambda: len(stack.practice("GET", f"/members/{member}")["dms"]) == 1, within_seconds=60
    )

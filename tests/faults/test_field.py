"""What the field sends, all at once: nothing is lost, doubled or told wrongly.

Discord refuses for a while, Cloudflare answers in its place, an event can't be read, the count of
members is off, sessions are lost and run short, while members leave, come back and are renamed.
"""

import json
import re
import time
import uuid
from collections import Counter
from typing import Any

from compliance.verification.messages import ROLE_FOLLOWS
from growmies_admin import policy
from tests.faults.conftest import FULL
from tests.faults.people import Crowd, Wave
from tests.running import HTTP, Stack, eventually

ROUNDS = 4 if FULL else 2  # in each of them the gateway's session is lost
REQUESTS = 50 if FULL else 20  # a round: 200 decisions in all
TIMES = 5 if FULL else 2  # that each of the passing faults hits, a round
LASTS = 3600  # seconds: longer than the test on any machine

ROLES, DMS, MESSAGES = "PUT /guilds/", "POST /users/@me/channels", "POST /channels/"
PASSING = (
    {"kind": "refusal", "route": ROLES, "status": 403, "discord_code": 40333},
    {"kind": "refusal", "route": DMS, "status": 400, "discord_code": 40003},
    {"kind": "refusal", "route": DMS, "status": 403, "discord_code": 40003},
    {"kind": "page", "route": ROLES, "status": 403},
    {"kind": "page", "route": ROLES, "status": 404},
    {"kind": "page", "route": DMS, "status": 400},
    {"kind": "page", "route": MESSAGES, "status": 403},
    {"kind": "page", "route": MESSAGES, "status": 404},
)
ON_WEBHOOKS = (403, 404, 400)
LASTING = (
    {"kind": "unreadable"},
    {"kind": "member_count", "offset": 1},
)

_RAISE = """
import json
from monitoring.alerts import raising
raising.raise_alert(raising.Kind("%s", "critical", "test", past_alertmanager=True), summary="%s")
print(json.dumps("raised"))
"""
_LOWER = """
import json
from monitoring.alerts import raising
print(json.dumps(raising.lower(raising.Kind("%s", "critical", "test", past_alertmanager=True))))
"""
_TOLD = """
import json
from monitoring.alerts.models import Alert
from monitoring.alerts.telling import messages_about
print(json.dumps([
    [d.target, d.state, list(d.tries.order_by("pk").values_list("outcome", flat=True))]
    for a in Alert.objects.filter(name="%s") for d in messages_about(a)
]))
"""
_MEMBERS = """
import json
from compliance.members.models import Member
found = Member.objects.filter(pk__in=json.loads('%s'))
print(json.dumps({m.pk: [m.username, m.in_guild, m.left_at is not None] for m in found}))
"""


class Round:
    """One wave of requests, and what its members do while the gateway's session is lost."""

    def __init__(self, crowd: Crowd) -> None:
        self.stack = crowd.stack
        self.wave = crowd.members(REQUESTS)
        of = list(self.wave.requests)
        self.gone = set(of[5::7])  # for good
        self.back = [m for m in of[::7] if m not in self.gone]  # after a while
        self.renamed = {
            m: f"r{uuid.uuid4().hex[:10]}"
            for number, m in enumerate(of)
            if number % 7 in (3, 4) and m not in self.gone
        }
        self.wave.came_back = {self.wave.requests[m] for m in self.back}

    def storm(self, wave: Wave) -> None:
        """All faults that pass, a lost session, and members who do not wait for its end."""
        for fault in PASSING:
            self.stack.practice("POST", "/faults", **fault, times=TIMES, seconds=LASTS)
        eventually(lambda: wave.answered, within_seconds=60)
        time.sleep(2)  # the first are delivered while the bot hears of nobody's leaving
        self.stack.practice("POST", "/faults", kind="invalid_session")
        for member in (*self.gone, *self.back):
            self.stack.practice("POST", f"/members/{member}/leave")
        names = list(self.renamed.items())
        self._rename(names[::2])
        self._return(self.back[::2])

    def afterwards(self) -> None:
        """The rest, while events arrive again."""
        self._rename(list(self.renamed.items())[1::2])
        self._return(self.back[1::2])

    def _rename(self, names: list[tuple[str, str]]) -> None:
        for member, name in names:
            self.stack.practice("PATCH", f"/members/{member}", username=name)

    def _return(self, members: list[str]) -> None:
        for member in members:
            self.stack.practice("POST", f"/members/{member}/join")

    def of_those_who_left(self) -> Wave:
        """Their requests, taken out of the wave: nothing of them reaches anybody."""
        gone = Wave({member: self.wave.requests.pop(member) for member in self.gone})
        for request in gone.requests.values():
            gone.answered[request] = self.wave.answered.pop(request)
        return gone


def test_nothing_is_lost_doubled_or_told_wrongly(crowd: Crowd) -> None:
    stack = crowd.stack
    before = stack.practice("GET", "/stats")
    begun = before["identifies"]
    alert = f"Field{uuid.uuid4().hex[:8]}"
    for fault in LASTING:
        stack.practice("POST", "/faults", **fault, seconds=LASTS)
    allow_sessions(stack, begun + ROUNDS + 10 + policy.SESSION_STARTS_RESERVE)
    for status in ON_WEBHOOKS:
        fault = {"kind": "page", "route": "POST /webhooks/", "status": status, "times": 1}
        stack.practice("POST", "/faults", **fault, seconds=LASTS)
    stack.python(_RAISE % (alert, alert))
    rounds = []
    try:
        for number in range(1, ROUNDS + 1):
            one = Round(crowd)
            rounds.append(one)
            is_last = number == ROUNDS
            if is_last:
                # So few are left that the bot may not begin another one by itself.
                allow_sessions(stack, begun + number + policy.SESSION_STARTS_RESERVE - 2)
            crowd.decide_all(one.wave, meanwhile=one.storm)
            if is_last:
                eventually(lambda: is_waiting(stack), within_seconds=60)
                assert stack.practice("GET", "/stats")["identifies"] == begun + number - 1
                renew_sessions(stack)
            eventually(lambda n=number: is_connected(stack, begun + n), within_seconds=60)
            one.afterwards()

        eventually(lambda: not unmet(stack), within_seconds=90, every_seconds=0.5)
        left = [one.of_those_who_left() for one in rounds]
        for one in rounds:
            crowd.check(one.wave, within_seconds=90)
            check_order(stack, one.wave)
            check_names(crowd, one)
        for wave in left:
            eventually(lambda w=wave: is_gone(crowd, w), within_seconds=60, every_seconds=0.5)
        eventually(lambda: is_told(stack, alert), within_seconds=60, every_seconds=1)
        assert embeds(stack, alert) == 1, "the alert is told once"
    finally:
        stack.python(_LOWER % alert)
    check_met(before, stack.practice("GET", "/stats"))
    assert unreadable(stack) >= 1


def allow_sessions(stack: Stack, total: int) -> None:
    stack.practice("POST", "/faults", kind="session_limit", total=total, seconds=LASTS)


def renew_sessions(stack: Stack) -> None:
    """Discord's count starts anew, and an operator starts the bot again; the rest goes on."""
    stack.practice("DELETE", "/faults?kind=session_limit")
    stack.stop("bot")
    stack.start("bot")


def unmet(stack: Stack) -> list[str]:
    """Faults that have hit less often than they are to."""
    active = stack.practice("GET", "/faults")["faults"]
    return [f"{f['kind']} {f['status']} {f['route']}" for f in active if f["times"]]


def is_connected(stack: Stack, begun: int) -> bool:
    stats = stack.practice("GET", "/stats")
    return bool(stats["identifies"] == begun and stats["sessions"] == 1)


def is_waiting(stack: Stack) -> bool:
    """The bot has no session, says that it is not well, and is alive."""
    answer = HTTP.get(f"{stack.bot_url}/health")
    assert HTTP.get(f"{stack.bot_url}/live").is_success
    return answer.status_code == 503 and not stack.practice("GET", "/stats")["sessions"]


def check_order(stack: Stack, wave: Wave) -> None:
    """Nobody reads of a role before it was given, unless they read that it follows."""
    for request_id, member in wave.members.items():
        found = stack.practice("GET", f"/members/{member}/history")["history"]
        approved = wave.ends_as(request_id) == "approved"
        whats = [one["what"] for one in found]
        (message,) = (number for number, what in enumerate(whats) if what == "message")
        assert ("role given" in whats) == approved, found
        if approved and "role given" not in whats[:message]:
            assert ROLE_FOLLOWS.strip() in found[message]["text"], found


def check_names(crowd: Crowd, one: Round) -> None:
    """Renamed members are known, and found, by their new names."""
    known = members(crowd.stack, list(one.renamed))
    for member, name in one.renamed.items():
        assert known[member][0] == name
    moderator = crowd.moderators[0].client
    name = next(iter(one.renamed.values()))
    assert name in moderator.get("/members/", params={"q": name}).text


def is_gone(crowd: Crowd, wave: Wave) -> bool:
    """Who left is known as gone although the count says otherwise; nothing of them failed."""
    known = members(crowd.stack, list(wave.requests))
    if not all(left and not here for _, here, left in known.values()):
        return False
    effects = [e for facts in crowd.known(wave)["requests"].values() for e in facts["effects"]]
    states = Counter(state for _, state in effects)
    assert not states["failed"], effects
    for member in wave.requests:
        assert len(crowd.stack.practice("GET", f"/members/{member}")["dms"]) <= 1
    return set(states) <= {"parked", "delivered"}


def members(stack: Stack, ids: list[str]) -> dict[str, tuple[str, bool, bool]]:
    """Name, whether here, whether known to have left."""
    found: dict[str, tuple[str, bool, bool]] = stack.python(_MEMBERS % json.dumps(ids))
    return found


def is_told(stack: Stack, alert: str) -> bool:
    """The alert went through, after tries that were not the last ones."""
    told = stack.python(_TOLD % alert)
    assert not any("failed" in (state, *tries) for _, state, tries in told), told
    return bool(told) and all(tries.count("sent") == 1 for *_, tries in told)


def embeds(stack: Stack, alert: str) -> int:
    """How many messages of the channel of critical alerts are about it."""
    guild = stack.practice("GET", "/guild")
    channel = next(c["id"] for c in guild["channels"] if c["name"] == "critical-alerts")
    answer = HTTP.get(
        f"http://127.0.0.1:{stack.port_base + 1}/api/v10/channels/{channel}/messages",
        headers={"Authorization": f"Bot {guild['token']}"},
    )
    return sum(alert in str(message["embeds"]) for message in answer.json())


def check_met(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Each fault has hit as often as it was to, and cost few sessions and no token."""
    met = Counter(after["faults_met"])
    met.subtract(before["faults_met"])
    for kind in ("refusal", "page"):
        wanted = ROUNDS * TIMES * sum(fault["kind"] == kind for fault in PASSING)
        assert met[kind] == wanted + (len(ON_WEBHOOKS) if kind == "page" else 0)
    assert after["identifies"] - before["identifies"] == ROUNDS
    assert met["unreadable"] == met["member_count"] == ROUNDS, "at each READY"
    assert met["session_limit"] == 0, "Discord never had to refuse the token"


def unreadable(stack: Stack) -> float:
    """What the bot counts of events that it left out."""
    text = HTTP.get(f"{stack.bot_url}/metrics").text
    found = re.search(r'events_unreadable_total{event="MESSAGE_CREATE"} (\S+)', text)
    return float(found.group(1)) if found else 0.0

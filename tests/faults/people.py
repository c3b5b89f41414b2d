"""Members who ask to be verified and moderators who decide over HTTP, all at once."""

import hashlib
import hmac
import json
import re
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.running import Stack, eventually

MODERATORS = ("moderator", "moderator2", "compliance", "moderator3")

# After their time, with every process that destroys them down for 30 seconds in between.
DESTROYED_WITHIN_SECONDS = 75

# Runs inside the site: members of the practice guild send a picture, as the upload page does.
_SUBMIT = """
import functools, io, json
from PIL import Image
from compliance.uploads import opening
from compliance import policy
from compliance.members import roster
from compliance.evidence import pictures
from compliance.uploads import submission
policy.SECOND_REVIEW_SHARE = %s  # of this process alone; the site's own draws stay as they are
out = io.BytesIO()
Image.new("RGB", (240, 200), "#8fa2ad").save(out, "JPEG")
if not hasattr(pictures.clean, "cache_info"):  # always the same picture: a child reads it once
    pictures.clean = functools.cache(pictures.clean)
found = {}
for member_id, name in json.loads('%s'):
    opened = opening.open_request(roster.seen(int(member_id), name))
    token = opened.url.rstrip("/").rsplit("/", 1)[1]
    made = submission.submit(token, [out.getvalue()], consent_version=policy.CONSENT_VERSION)
    found[member_id] = made.pk
print(json.dumps(found))
"""

# Members agree to go to the provider, and it learns the reference of each.
_HAND_OVER = """
import json
from compliance import policy
from compliance.members import roster
from compliance.providers import provider
from compliance.providers.models import ProviderSession
found = {}
for member_id, name in json.loads('%s'):
    version = policy.CONSENT_VERSIONS["provider"]
    provider.hand_over(roster.seen(int(member_id), name), consent_version=version)
    session = ProviderSession.objects.select_related("request").get(request__member=int(member_id))
    found[member_id] = [session.request_id, str(session.reference)]
print(json.dumps(found))
"""

_SECRET = """
import json
from django.conf import settings
print(json.dumps(settings.PROVIDER_SECRET))
"""

_REVIEWS = """
import json
from compliance.quality.models import SecondReview
found = SecondReview.objects.filter(request__in=json.loads('%s')).order_by("pk")
print(json.dumps([[r.pk, r.request_id, r.outcome] for r in found]))
"""

# What the site knows of requests: decisions that stand, and audit entries that decide.
_KNOWN = """
import json
from compliance.effects.models import Effect
from compliance.verification.models import Decision, VerificationRequest
from compliance.evidence.models import Evidence
from monitoring.audit.models import Entry
ids = json.loads('%s')
requests, of_member = {}, {}
for r in VerificationRequest.objects.filter(pk__in=ids):
    requests[r.pk] = {"state": r.state, "decisions": [], "entries": 0, "overrides": 0,
                      "effects": []}
    of_member[r.member_id] = r.pk
wanted = Effect.objects.filter(member_id__in=of_member).exclude(state="superseded")
for member, kind, state in wanted.order_by("pk").values_list("member_id", "kind", "state"):
    requests[of_member[member]]["effects"].append([kind, state])
for d in Decision.objects.filter(request__in=ids).select_related("decided_by").order_by("pk"):
    who = d.decided_by.username if d.decided_by else d.actor_type
    requests[d.request_id]["decisions"].append([d.result, who])
for target, action in Entry.objects.filter(
    target_type="verification.verificationrequest", target_id__in=[str(i) for i in ids],
    action__in=["verification.approved", "verification.denied", "verification.overridden"],
).values_list("target_id", "action"):
    kind = "overrides" if action == "verification.overridden" else "entries"
    requests[int(target)][kind] += 1
pictures = Evidence.objects.filter(request__in=ids)
late = [(p.destroyed_at - p.destroy_at).total_seconds() for p in pictures if p.destroyed_at]
living = pictures.filter(destroyed_at=None).count()
print(json.dumps({"requests": requests, "evidence": living, "latest": max(late, default=0)}))
"""

# What `./dev manage verify_audit` does, without another start of Django.
_VERIFY = """
import json
from monitoring.audit_chain import chain
report = chain.verify(1)
print(json.dumps([report.first_bad_entry, report.why]))
"""

_EVIDENCE = """
import json
from compliance.evidence.models import Evidence
found = Evidence.objects.filter(request__in=json.loads('%s')).values_list("pk", flat=True)
print(json.dumps([str(pk) for pk in found]))
"""

_ACCOUNT = """
import json
from growmies_admin.accounts.models import RoleAssignment, Staff
staff = Staff.objects.create_user("moderator3", password="correct horse battery")
RoleAssignment.objects.create(staff=staff, role="moderator")
print(json.dumps("made"))
"""


@dataclass
class Wave:
    """Some members with a request each, and what the moderators were answered."""

    requests: dict[str, int]  # member id -> request id
    answered: dict[int, tuple[str, str]] = field(default_factory=dict)  # -> (result, moderator)
    asked: dict[int, set[tuple[str, str]]] = field(default_factory=dict)  # answered or not
    overridden: dict[int, tuple[str, str]] = field(default_factory=dict)  # -> (result, moderator)
    references: dict[int, str] = field(default_factory=dict)  # request -> what the provider knows
    came_back: set[int] = field(default_factory=set)  # requests of members who left and came back

    def ends_as(self, request_id: int) -> str:
        """What was decided last."""
        return self.overridden.get(request_id, self.answered[request_id])[0]

    @property
    def members(self) -> dict[int, str]:
        return {request: member for member, request in self.requests.items()}


class Moderator:
    """One signed-in moderator; every call is repeated until the site answers."""

    def __init__(self, stack: Stack, username: str, password: str) -> None:
        self.stack = stack
        self.username = username
        self.client = httpx.Client(
            base_url=stack.url, timeout=20, trust_env=False, follow_redirects=False
        )
        page = self.client.get("/accounts/login/").text
        answer = self.client.post(
            "/accounts/login/",
            data={"login": username, "password": password, "csrfmiddlewaretoken": _token(page)},
            headers={"Referer": stack.url},
        )
        assert answer.status_code == 302, answer.text[:500]

    def post(self, path: str, **data: Any) -> httpx.Response:
        """One POST, once. Raises httpx.HTTPError when there is no answer."""
        return self.client.post(
            path,
            data={**data, "csrfmiddlewaretoken": self.client.cookies[self._csrf_cookie]},
            headers={"Referer": self.stack.url},
        )

    @property
    def _csrf_cookie(self) -> str:
        return f"csrf_{self.stack.port_base}"

    def patiently(self, call: Any, give_up_after: float = 60) -> httpx.Response:
        """Repeat a harmless call while the site is away."""
        deadline = time.monotonic() + give_up_after
        while True:
            try:
                answer: httpx.Response = call()
                if answer.status_code < 500:
                    return answer
            except httpx.HTTPError:
                pass
            assert time.monotonic() < deadline, "the site did not come back"
            time.sleep(0.2)

    def work(self, wave: Wave, stop: threading.Event) -> None:
        """Take the next request and decide it, until none waits. Odd requests are denied."""
        opened = ""
        while not stop.is_set():
            if not opened:
                taken = self.patiently(lambda: self.post("/queue/next/"))
                opened = taken.headers.get("location", "")
            found = re.fullmatch(r"/queue/(\d+)/", opened)
            if found is None:
                return
            opened = self.decide(wave, int(found.group(1)))

    def decide(self, wave: Wave, request_id: int) -> str:
        """Decide one request; returns what the site opens next, "" when it gave no answer.

        An answer is noted; its absence is looked into as a person would.
        """
        result = "denied" if request_id % 2 else "approved"
        key = str(uuid.uuid4())
        for _ in range(100):
            page = self.patiently(lambda: self.client.get(f"/queue/{request_id}/"))
            version = re.search(r'name="version" value="(\d+)"', page.text)
            if version is None:
                # Not ours to decide any more: by ourselves (the lost answer), or it never was.
                return ""
            self.patiently(lambda: self.post(f"/queue/{request_id}/pictures/1/"))
            wave.asked.setdefault(request_id, set()).add((result, self.username))
            try:
                if result == "approved":
                    path, more = f"/queue/{request_id}/approve/", {}
                else:
                    path, more = f"/queue/{request_id}/deny/", {"reason": "unreadable"}
                answer = self.post(path, version=version.group(1), key=key, **more)
            except httpx.HTTPError:
                time.sleep(0.2)
                continue
            if answer.status_code == 302:
                wave.answered[request_id] = (result, self.username)
                return str(answer.headers["location"])
            time.sleep(0.2)
        return ""


class Crowd:
    """Four moderators and any number of members."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.moderators: list[Moderator] = []

    def __enter__(self) -> "Crowd":
        accounts = {name: a["password"] for name, a in self.stack.accounts.items()}
        if "moderator3" not in accounts:
            self.stack.python(_ACCOUNT)
            password = "correct horse battery"
            self.stack.accounts["moderator3"] = {"password": password}
            accounts["moderator3"] = password
        self.moderators = [Moderator(self.stack, name, accounts[name]) for name in MODERATORS]
        return self

    def staff(self, username: str) -> Moderator:
        """Somebody else on staff, signed in."""
        return Moderator(self.stack, username, self.stack.accounts[username]["password"])

    def __exit__(self, *_: object) -> None:
        for moderator in self.moderators:
            moderator.client.close()

    def members(self, count: int, drawn: float = 0.0) -> Wave:
        """So many new members of the guild, each with a picture that waits for a review.

        `drawn` is the share of those that a second reviewer looks at, too.
        """
        return Wave(self.stack.python(_SUBMIT % (drawn, json.dumps(self._join(count)))))

    def at_the_provider(self, count: int, wave: Wave) -> None:
        """So many more members, whom the provider has yet to judge; they join the wave."""
        handed = self.stack.python(_HAND_OVER % json.dumps(self._join(count)))
        for member, (request_id, reference) in handed.items():
            wave.requests[member] = request_id
            wave.references[request_id] = reference

    def provider_answers(self, wave: Wave) -> None:
        """The provider calls back for each, again and again until it is answered 200."""
        secret = self.stack.python(_SECRET).encode()
        with httpx.Client(base_url=self.stack.url, timeout=20, trust_env=False) as client:
            for request_id, reference in wave.references.items():
                passed = request_id % 2 == 0
                body = json.dumps(
                    {
                        "delivery_id": f"answer-{reference}",
                        "reference": reference,
                        "result": "passed" if passed else "failed",
                    }
                ).encode()
                for twice in range(2):  # a provider that did not hear us says it again
                    answer = self.moderators[0].patiently(
                        lambda body=body: client.post(
                            "/api/verify/provider/", content=body, headers=_signed(secret, body)
                        )
                    )
                    assert answer.status_code == 200, answer.text
                    assert answer.json()["repeated"] or twice == 0
                wave.answered[request_id] = ("approved" if passed else "denied", "provider")

    def override(self, wave: Wave, request_id: int) -> None:
        """Compliance decides the other way, once the first decision can't be undone any more."""
        compliance = self.moderators[2]
        result = "denied" if wave.answered[request_id][0] == "approved" else "approved"
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            page = compliance.patiently(lambda: compliance.client.get(f"/queue/{request_id}/"))
            version = re.search(r'name="version" value="(\d+)"', page.text)
            if version is None:
                # The window of the first decision, or ours whose answer was lost.
                decisions = self.known(wave)["requests"][str(request_id)]["decisions"]
                if len(decisions) > 1:
                    wave.overridden[request_id] = (result, compliance.username)
                    return
                time.sleep(0.5)
                continue
            reason = {"reason": "altered"} if result == "denied" else {}
            try:
                answer = compliance.post(
                    f"/queue/{request_id}/override/",
                    version=version.group(1),
                    note="Another look at it.",
                    **reason,
                )
            except httpx.HTTPError:
                continue
            if answer.status_code == 302:
                wave.overridden[request_id] = (result, compliance.username)
                return
            time.sleep(0.5)
        raise AssertionError(f"{request_id} could not be overridden")

    def look_a_second_time(self, wave: Wave) -> int:
        """Whoever may does the second reviews of the wave; returns how many were answered.

        Every third answer is another one than the first decision, which opens a dispute.
        """
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            reviews = self._read(_REVIEWS, wave)
            left = [(review, request) for review, request, outcome in reviews if not outcome]
            if not left:
                return sum(outcome in ("agreed", "disagreed") for *_, outcome in reviews)
            for review, request_id in left:
                self._answer_second(review, wave.answered[request_id], differently=review % 3 == 0)
            time.sleep(1)
        raise AssertionError(f"second reviews without an answer: {left}")

    def drawn(self, wave: Wave) -> set[int]:
        """The requests of the wave that are looked at twice."""
        reviews = self._read(_REVIEWS, wave)
        return {request_id for _, request_id, _ in reviews}

    def _answer_second(self, review: int, first: tuple[str, str], *, differently: bool) -> None:
        result, author = first
        reviewer = next(m for m in self.moderators if m.username != author)
        place = f"/queue/second-reviews/{review}/"
        claimed = reviewer.patiently(lambda: reviewer.post(f"{place}claim/"))
        if claimed.status_code != 302:
            return  # not due yet
        reviewer.patiently(lambda: reviewer.post(f"{place}pictures/1/"))
        wanted = result if not differently else {"approved": "denied", "denied": "approved"}[result]
        reason = {"reason": "unreadable"} if wanted == "denied" else {}
        reviewer.patiently(lambda: reviewer.post(f"{place}answer/", answer=wanted, **reason))

    def _join(self, count: int) -> list[tuple[str, str]]:

        def join(number: int) -> tuple[str, str]:
            name = f"m{uuid.uuid4().hex[:10]}"
            return self.stack.practice("POST", "/members", username=name, dms_open=True)["id"], name

        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(join, range(count)))

    def decide_all(self, wave: Wave, meanwhile: Any = None) -> None:
        """All moderators decide all of it; `meanwhile(wave)` breaks something."""
        stop = threading.Event()
        with ThreadPoolExecutor(len(self.moderators)) as pool:
            working = [pool.submit(m.work, wave, stop) for m in self.moderators]
            try:
                if meanwhile is not None:
                    meanwhile(wave)
                for future in working:
                    future.result(240)
            finally:
                stop.set()
        # What a moderator held when everything broke is decided in a second look.
        for request_id in wave.requests.values():
            if request_id not in wave.answered:
                self._look_again(wave, request_id)

    def _look_again(self, wave: Wave, request_id: int) -> None:
        """A request without an answer is either decided, or open: never half."""
        known = self.known(wave)["requests"][str(request_id)]
        if known["state"] in ("approved", "denied"):
            (result, who) = known["decisions"][0]
            assert (result, who) in wave.asked.get(request_id, ()), "nobody decided that"
            wave.answered[request_id] = (result, who)
            return
        assert known["state"] == "pending" and known["decisions"] == []
        for moderator in self.moderators:
            moderator.patiently(lambda m=moderator: m.post(f"/queue/{request_id}/claim/"))
            moderator.decide(wave, request_id)
            if request_id in wave.answered:
                return
        raise AssertionError(f"nobody can decide {request_id}")

    def known(self, wave: Wave) -> Any:
        return self._read(_KNOWN, wave)

    def _read(self, script: str, wave: Wave) -> Any:
        """What a script that only reads says of the wave; PostgreSQL may just have been killed."""
        deadline = time.monotonic() + 60
        while True:
            try:
                return self.stack.python(script % json.dumps(list(wave.requests.values())))
            except AssertionError as error:
                away = any(name in str(error) for name in ("OperationalError", "PoolTimeout"))
                if not away or time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    def check(self, wave: Wave, within_seconds: float) -> None:
        """What must hold of every request in the end, on both sides."""
        assert wave.answered.keys() >= set(wave.requests.values())
        untold = dict(wave.members)
        eventually(
            lambda: self._all_are_told(wave, untold),
            within_seconds=within_seconds,
            every_seconds=0.5,
        )
        # Nothing is left to do, so nothing is going to be done a second time.
        known = eventually(
            lambda: self._known_when_done(wave), within_seconds=90, every_seconds=0.5
        )
        stats = self.stack.practice("GET", "/stats")
        for request_id, member in wave.members.items():
            facts = known["requests"][str(request_id)]
            result = wave.ends_as(request_id)
            seen = self.stack.practice("GET", f"/members/{member}")
            assert seen["roles"] == (["Verified 21+"] if result == "approved" else []), seen
            # Of two decisions the first may have been overridden before it was told.
            messages = facts["effects"].count(["message", "delivered"])
            assert len(seen["dms"]) == stats["dms"][member] == messages, seen["dms"]
            assert messages == 1 or (messages == 2 and request_id in wave.overridden)
            assert ("You are verified" in seen["dms"][-1]) == (result == "approved")
            grants = stats["role_grants"].get(member, {}).get("Verified 21+", 0)
            if request_id not in wave.overridden:
                # Who left with the role is given it again.
                most = 2 if request_id in wave.came_back else 1
                wanted = range(1, most + 1) if result == "approved" else (0,)
                assert grants in wanted, "the role once, or never"
            decided = [wave.answered[request_id]]
            if request_id in wave.overridden:
                decided.append(wave.overridden[request_id])
            assert facts["state"] == wave.ends_as(request_id)
            assert facts["decisions"] == [list(one) for one in decided], "lost or doubled"
            assert (facts["entries"], facts["overrides"]) == (1, len(decided) - 1)
        eventually(lambda: self.known(wave)["evidence"] == 0, within_seconds=60, every_seconds=1)
        assert self.known(wave)["latest"] < DESTROYED_WITHIN_SECONDS
        assert not self._undestroyed(wave)
        bad, why = self.stack.python(_VERIFY)
        assert bad is None, f"the audit chain is broken at entry {bad}: {why}"

    def _known_when_done(self, wave: Wave) -> Any:
        """What the site knows of the wave, once Discord has done all of it."""
        known = self.known(wave)
        effects = [one for facts in known["requests"].values() for one in facts["effects"]]
        return known if all(state == "delivered" for _, state in effects) else None

    def _undestroyed(self, wave: Wave) -> list[str]:
        """Files of this wave's evidence that still lie in the store."""
        ids = set(self._read(_EVIDENCE, wave))
        return [f.name for f in self.stack.evidence_files() if f.name.split(".")[0] in ids]

    def _all_are_told(self, wave: Wave, untold: dict[int, str]) -> bool:
        """Whether nobody is left who waits for a message or a role; takes out who does not."""
        for request_id, member in list(untold.items()):
            seen = self.stack.practice("GET", f"/members/{member}")
            approved = wave.ends_as(request_id) == "approved"
            is_told = seen["dms"] and ("You are verified" in seen["dms"][-1]) == approved
            if not is_told or approved != ("Verified 21+" in seen["roles"]):
                return False
            del untold[request_id]
        return True


def _signed(secret: bytes, body: bytes) -> dict[str, str]:
    timestamp = str(int(time.time()))
    signed = hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "X-Provider-Timestamp": timestamp,
        "X-Provider-Signature": f"sha256={signed}",
    }


def _token(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)

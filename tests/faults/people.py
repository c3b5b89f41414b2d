"""Members who ask to be verified and moderators who decide over HTTP, all at once."""

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

# Runs inside the site: members of the practice guild send a picture, as the upload page does.
_SUBMIT = """
import io, json
from PIL import Image
from compliance import policy
from compliance.members import roster
from compliance.verification import requests, submission
out = io.BytesIO()
Image.new("RGB", (240, 200), "#8fa2ad").save(out, "JPEG")
found = {}
for member_id, name in json.loads('%s'):
    opened = requests.open_request(roster.seen(int(member_id), name))
    token = opened.url.rstrip("/").rsplit("/", 1)[1]
    made = submission.submit(token, [out.getvalue()], consent_version=policy.CONSENT_VERSION)
    found[member_id] = made.pk
print(json.dumps(found))
"""

# What the site knows of requests: decisions that stand, and audit entries that decide.
_KNOWN = """
import json
from compliance.verification.models import Decision, Evidence, VerificationRequest
from monitoring.audit.models import Entry
ids = json.loads('%s')
requests = {r.pk: {"state": r.state, "decisions": [], "entries": 0}
            for r in VerificationRequest.objects.filter(pk__in=ids)}
for d in Decision.objects.filter(request__in=ids).select_related("decided_by"):
    requests[d.request_id]["decisions"].append([d.result, d.decided_by.username])
for target in Entry.objects.filter(
    target_type="verification.verificationrequest", target_id__in=[str(i) for i in ids],
    action__in=["verification.approved", "verification.denied"],
).values_list("target_id", flat=True):
    requests[int(target)]["entries"] += 1
living = Evidence.objects.filter(request__in=ids, destroyed_at=None).count()
print(json.dumps({"requests": requests, "evidence": living}))
"""

_EVIDENCE = """
import json
from compliance.verification.models import Evidence
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

    def members(self, count: int) -> Wave:
        """So many new members of the guild, each with a picture that waits for a review."""

        def join(number: int) -> tuple[str, str]:
            name = f"m{uuid.uuid4().hex[:10]}"
            return self.stack.practice("POST", "/members", username=name, dms_open=True)["id"], name

        with ThreadPoolExecutor(8) as pool:
            joined = list(pool.map(join, range(count)))
        return Wave(self.stack.python(_SUBMIT % json.dumps(joined)))

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
        return self.stack.python(_KNOWN % json.dumps(list(wave.requests.values())))

    def check(self, wave: Wave, within_seconds: float) -> None:
        """What must hold of every request in the end, on both sides."""
        assert wave.answered.keys() >= set(wave.requests.values())
        eventually(lambda: self._is_told(wave), within_seconds=within_seconds, every_seconds=0.5)
        # Whatever is going to be sent twice has been sent by now.
        time.sleep(1.5)
        for request_id, member in wave.members.items():
            result, _ = wave.answered[request_id]
            seen = self.stack.practice("GET", f"/members/{member}")
            assert seen["roles"] == (["Verified 21+"] if result == "approved" else []), seen
            assert len(seen["dms"]) == 1, seen["dms"]
            assert ("You are verified" in seen["dms"][0]) == (result == "approved")
        known = self.known(wave)
        for request_id in wave.requests.values():
            result, who = wave.answered[request_id]
            facts = known["requests"][str(request_id)]
            assert facts["state"] == result
            assert facts["decisions"] == [[result, who]], "an answered decision is lost or doubled"
            assert facts["entries"] == 1
        eventually(lambda: self.known(wave)["evidence"] == 0, within_seconds=60, every_seconds=1)
        assert not self._undestroyed(wave)
        verified = self.stack.dev("manage", "verify_audit")
        assert verified.returncode == 0, verified.stdout + verified.stderr

    def _undestroyed(self, wave: Wave) -> list[str]:
        """Files of this wave's evidence that still lie in the store."""
        ids = set(self.stack.python(_EVIDENCE % json.dumps(list(wave.requests.values()))))
        return [f.name for f in self.stack.evidence_files() if f.name.split(".")[0] in ids]

    def _is_told(self, wave: Wave) -> bool:
        for request_id, member in wave.members.items():
            seen = self.stack.practice("GET", f"/members/{member}")
            approved = wave.answered[request_id][0] == "approved"
            if not seen["dms"] or approved != ("Verified 21+" in seen["roles"]):
                return False
        return True


def _token(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)

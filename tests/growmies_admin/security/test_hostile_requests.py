"""No address answers 500, whatever a stranger or anybody on the staff sends to it.

A 500 would be a fault of ours, and 120 of them paged the operator once.
"""

import logging
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django import forms
from django.conf import settings
from django.core.signals import got_request_exception
from django.test import Client
from django.urls import get_resolver

from growmies_admin.accounts.models import RoleAssignment, Staff
from growmies_admin.accounts.rights import STAFF_ROLES
from monitoring.incidents import opening
from monitoring.metrics import exposition
from tests.growmies_admin.security.walking import addresses

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parents[3]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "A B")
HOSTS = (
    "[",
    "evil.example",
    "localhost:99999999",
    "a" * 5_000,
    "\x00",
    "http://[",
    "[::1",
    "",
    "ü",
)
# Each header with a value of its own kind of trouble; those of one group are sent together. Lengths
# that lie and headers with a NUL never come here: the server and asgi.py refuse them.
HOSTILE: tuple[dict[str, str], ...] = (
    {
        "HX-Request": "true",
        "HX-Current-URL": "http://[",
        "HX-Target": "%00",
        "HX-Prompt": "%00%ff",
        "Referer": "http://[",
        "Accept": "*/*;q=" + "9" * 400,
        "Accept-Language": "x" * 5_000 + ";q=1e400",
        "Cookie": "tz=../../etc/passwd",
        "Range": "bytes=9-1,,-",
        "If-Modified-Since": "Mon, 99 Foo 99999 99:99:99 GMT",
        "If-None-Match": '"' * 2_000,
        "Authorization": "Bearer",
        "X-Request-ID": "%0a" + "a" * 5_000,
        "X-Forwarded-For": "[, 999.999.999.999, ::",
        "X-Forwarded-Proto": "javascript",
        "X-Forwarded-Host": "http://[",
        "User-Agent": "Version/" + "1" * 20_000,
    },
    {
        "HX-Request": "true",
        "HX-Current-URL": "http://testserver/queue/?" + "after=%00&" * 400,
        "HX-Target": "a" * 5_000,
        "HX-History-Restore-Request": "true",
        "HX-Boosted": "true",
        "HX-Trigger": "ü",
        "HX-Current-URL-URI-AutoEncoded": "true",
        "Referer": "//localhost/" + "a" * 9_000,
        "Accept": "application/json, ,;;",
        "Accept-Language": "-,;q=nan,*",
        "Cookie": "tz=/etc/localtime; tz=%00; sessionid=" + "a" * 4_000,
        "If-Modified-Since": "Thu, 31 Dec 9999 23:59:59 GMT",
        "If-None-Match": "W/",
        "Authorization": "Basic " + "=" * 999,
        "X-Request-ID": "../../etc",
        "X-Forwarded-For": "a" * 5_000,
    },
    {
        "HX-Request": "true",
        "HX-Current-URL": "http://testserver/queue/?q=%ED%A0%80&due=9999-12-31&page=" + "9" * 400,
        "Accept": "",
        "Cookie": ";;==;tz=a\\000;" + "a=b;" * 2_000,
        "Authorization": "Bearer gma_" + "ü" * 40,
        "X-Request-ID": "",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Port": "x",
        "Origin": "http://[",
        "Host": "testserver:0",
        "Content-Encoding": "gzip",
    },
    {
        "HX-Current-URL": "javascript:alert(1)",
        "Referer": "\udcff".encode("utf-8", "replace").decode(),
        "Cookie": "tz=" + "../" * 300 + "; messages=x; csrftoken=" + "\\" * 300,
        "Authorization": "Bearer " + "a" * 20_000,
        "If-Unmodified-Since": "0",
        "Sec-Fetch-Site": "ü",
        "X-CSRFToken": "%00",
        "X-HTTP-Method-Override": "DELETE",
    },
)
CONTENT_TYPES = (
    "application/x-www-form-urlencoded; charset=utf-99",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=" + "ü" * 300,
    "application/json; charset=ü",  # no NUL: the server refuses headers with one
    "text/plain; charset=utf-16",
    "",
    "/",
)
BODIES = (
    b"",
    b"\xff\xfe\x00",
    b"a=%ED%A0%80&" * 50,
    b"[" * 100_000,
    b'{"version": NaN}',
    b"--\r\n\r\n",
)
VALUES = (
    "\x00",
    "9" * 60,
    "-1",
    "ü𐍈",
    "1e400",
    "NaN",
    "0001-01-01T00:00",
    "9999-12-31T23:59",
    "9999-12-31",
    "%",
    "a" * 300,
    "http://[",
    "[]",
    "1:2:3",
    "²",
)
_ASKED_FOR = {
    ".py": re.compile(r"(?:GET|POST|query|data)(?:\.get|\.getlist)?[(\[]\s*\"(\w+)\""),
    ".html": re.compile(r"<(?:input|select|textarea|button)\b[^>]*?\bname=\"(\w+)\""),
}


@pytest.fixture(scope="module")
def names() -> list[str]:
    """Every value that views, forms and templates ask a request for.

    No more than a request may have: Django refuses the whole of one with more, and no view would
    ever see any.
    """
    found = {"q", "page", "after", "cursor", "next", "from", "to", "until", "at", "starts_at"}
    for folder in ("growmies_admin", "compliance", "monitoring", "templates"):
        for path in (ROOT / folder).rglob("*.*"):
            if (asked := _ASKED_FOR.get(path.suffix)) and "practice" not in path.parts:
                found |= set(asked.findall(path.read_text()))
    assert get_resolver().url_patterns  # every view, and so every form, is imported
    for form in _below(forms.BaseForm):
        if form.__module__.startswith(("growmies_admin", "compliance", "monitoring")):
            found |= set(form.base_fields)
    assert len(found) <= settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    return sorted(found)


def _below(kind: type) -> set[Any]:
    return {kind, *(one for sub in kind.__subclasses__() for one in _below(sub))}


@pytest.fixture(autouse=True)
def quiet():
    """pytest keeps every line of a log, and these tests would write some hundred megabytes."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def faults() -> Iterator[list[str]]:
    """What was raised and not answered, with the request that did it."""
    found: list[str] = []

    def note(request, **_):
        error = sys.exc_info()[1]
        found.append(f"{request.method} {request.get_full_path()[:100]}: {error!r:.200}")

    got_request_exception.connect(note)
    yield found
    got_request_exception.disconnect(note)


class Sender:
    """Sends, and keeps every request that was answered with 500."""

    def __init__(self, person: Staff | None, faults: list[str]) -> None:
        self.client = Client(raise_request_exception=False)
        self.person, self.faults = person, faults
        self.failed: list[str] = []
        self.count = 0
        self.answers: Counter[int] = Counter()
        self.sign_in()

    def sign_in(self) -> None:
        if self.person is not None:
            backend = "allauth.account.auth_backends.AuthenticationBackend"
            self.client.force_login(self.person, backend=backend)

    def said(self) -> str:
        """Each fault once, short enough to read."""
        return "\n".join(dict.fromkeys(one[:400] for one in self.failed))[:8_000]

    def send(
        self, method: str, path: str, body: bytes = b"", kind: str = "", **headers: str
    ) -> int:
        cookies = headers.pop("Cookie", "")
        if cookies:
            kept = "; ".join(f"{one.key}={one.value}" for one in self.client.cookies.values())
            headers["Cookie"] = f"{cookies}; {kept}"
        environ = {
            f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()
        }
        before = len(self.faults)
        self.count += 1
        response = self.client.generic(method, path, body, kind or "text/plain", **environ)
        raised = self.faults[before:] if response.status_code >= 500 else []
        if raised or response.status_code == 500:
            why = raised or [f"{method} {path[:100]}: answered 500"]
            self.failed += [f"{self.person or 'a stranger'}: {one}" for one in why]
        self.answers[response.status_code] += 1
        return int(response.status_code)


@pytest.fixture
def known(db) -> dict[str, object]:
    """Something to find behind the addresses."""
    person = Staff.objects.create_user("owner", password="correct horse battery")
    incident = opening.open_by_hand(by=person, title="A test", severity="warning")
    return {"staff_change.pk": person.pk, "number": incident.pk, "slug": "mttr"}


@pytest.fixture
def stranger(faults, settings):
    settings.ALERT_WEBHOOK_TOKEN = "a token of Alertmanager"
    settings.PROVIDER_SECRET = "a secret of the provider, long enough"
    return Sender(None, faults)


def test_it_works(stranger):
    assert stranger.send("GET", "/accounts/login/") == 200
    assert (stranger.failed, stranger.faults) == ([], [])


def test_a_fault_is_found(stranger, monkeypatch):
    monkeypatch.setattr(exposition, "current", lambda: 1 / 0)
    stranger.send("GET", "/metrics")
    assert "ZeroDivisionError" in stranger.failed[0]


def test_a_stranger_at_every_address_in_every_way(stranger, known):
    for number, address in enumerate(addresses(known)):
        for at, method in enumerate(METHODS):
            headers = HOSTILE[(number + at) % len(HOSTILE)]
            stranger.send(method, address.path, BODIES[at % len(BODIES)], **headers)
        for path in address.hostile[number % 3 :: 3]:
            stranger.send("GET", path)
    assert stranger.said() == ""
    assert stranger.count > 2_000


@pytest.mark.parametrize(
    "path", ["/", "/accounts/login/", "/verify/x/", "/api/alerts/", "/nothing"]
)
def test_hosts_and_bodies(stranger, path):
    for host in HOSTS:
        stranger.send("GET", path, Host=host)
    for kind in CONTENT_TYPES:
        for body in BODIES:
            stranger.send("POST", path, body, kind)
            stranger.send("POST", path, body, kind, Authorization="Bearer a token of Alertmanager")
    assert stranger.said() == ""


@pytest.mark.parametrize("roles", [STAFF_ROLES, ("viewer",)], ids=["with all rights", "viewer"])
def test_somebody_on_the_staff_at_every_address(roles, faults, known, names):
    """Who may do everything reaches every view; who may do least is turned away by most."""
    person = Staff.objects.create_user("one", password="correct horse battery")
    for role in roles:
        RoleAssignment.objects.create(staff=person, role=role)
    sender = Sender(person, faults)
    for number, address in enumerate(addresses(known)):
        headers = HOSTILE[number % len(HOSTILE)]
        values = {name: VALUES[(number + at) % len(VALUES)] for at, name in enumerate(names)}
        sender.send("GET", f"{address.path}?{_query(values)}", **headers)
        if address.hostile:
            sender.send("GET", address.hostile[number % len(address.hostile)])
        form = _query(values).encode()
        sender.send("POST", address.path, form, "application/x-www-form-urlencoded", **headers)
        if settings.SESSION_COOKIE_NAME not in sender.client.cookies or address.path.startswith(
            ("/accounts/", "/staff/")
        ):
            sender.sign_in()
    assert sender.said() == ""
    assert sender.count > 500
    assert sender.answers[400] < sender.count / 10, "most were refused before any view"


def test_a_number_too_long_for_python_in_every_field(faults, known, names):
    """int() refuses more than 4,300 digits with an error of its own."""
    person = Staff.objects.create_user("one", password="correct horse battery")
    for role in STAFF_ROLES:
        RoleAssignment.objects.create(staff=person, role=role)
    sender = Sender(person, faults)
    for address in addresses(known):
        fitting = _query(dict.fromkeys(names, "9" * 4_301))
        sender.send("POST", address.path, fitting.encode(), "application/x-www-form-urlencoded")
        sender.send("GET", f"{address.path}?{fitting}")
        sender.sign_in()
    assert sender.said() == ""
    assert sender.answers[400] < sender.count / 10, "most were refused before any view"


def _query(values: dict[str, str]) -> str:
    return urlencode(values)

"""One-time secrets in addresses reach no log and no metric, however the address is written."""

import io
import json
import logging
import logging.config
import os
import subprocess
import sys
from types import ModuleType

import pytest
import structlog
from django.conf import settings
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from growmies_admin import log_setup
from growmies_admin.accounts import staff as acts
from monitoring.ui import unlogged
from monitoring.ui.routes import all_routes

SECRET = "c7x2ab-8d1f00ba5e64c3a9d1c5f7b2e0a4d6c8"
UID = urlsafe_base64_encode(force_bytes(17))
# What a part of an address may be that anybody may read in a log; whatever else takes text is
# declared as <secret:…> or <member:…>.
PLAIN = {
    ("kpi", "slug"): "the name of a KPI",
    ("kpi_chart", "slug"): "the name of a KPI",
    ("job", "name"): "the name of a job",
    ("job_run", "name"): "the name of a job",
    ("alert_silence_end", "silence_id"): "Alertmanager's number of a silence",
    ("staff_password", "uid"): "the number of a staff account",
    ("account_reset_password_from_key", "uidb36"): "the number of a staff account",
}


def secrets():
    return [
        (route, parameter)
        for route in all_routes()
        for parameter in route.parameters
        if unlogged.stand_in(route, parameter) == unlogged.SECRET
    ]


def ways(address):
    """The ways in which an address comes into a text."""
    once, twice = address.replace("/", "%2F"), address.replace("/", "%252F")
    letters = "".join(f"%{ord(one):02x}" if one.isalpha() else one for one in address[1:4])
    return {
        "plain": f"GET {address}",
        "whole": f"http://localhost:8000{address}",
        "without its end": address.removesuffix("/"),
        "doubled slashes": address.replace("/", "//"),
        "many slashes": address.replace("/", "/////"),
        "next": f"/accounts/login/?next={once}",
        "next, small letters": f"/accounts/login/?next={once.lower()}",
        "next, plain": f"/accounts/login/?next={address}&x=1",
        "next in next": f"/accounts/login/?next=%2Faccounts%2Flogin%2F%3Fnext%3D{twice}",
        "encoded letters": f"/{letters}{address[4:]}",
        "capitals": address.upper(),
        "with a query": f"{address}?next=/queue/",
        "in quotes": f"Not Found: '{address}'",
        "in JSON": json.dumps({"url": address}),
        "escaped slashes": address.replace("/", "\\/"),
        "in an error": f"ValueError: could not read {address}: no such thing",
        "a request line": f"Invalid HTTP request: b'GET {address} HTTP/1.1\\r\\n'",
    }


@pytest.fixture
def console():
    """What the site writes, as text: `console()`."""
    out = io.StringIO()
    config = settings.LOGGING["formatters"]["json"]
    formatter = logging.config.DictConfigurator({"version": 1}).configure_formatter(dict(config))
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.addHandler(handler)
    yield out.getvalue
    root.removeHandler(handler)


def test_it_works(client, db, staff, console):
    person = staff("moderator")
    link = acts.new_password_link(person, by=staff("administrator"))
    address = "/" + link.split("/", 3)[3]
    token = address.rstrip("/").rpartition("/")[2]
    assert client.get(address).status_code == 200
    client.get(f"/accounts/login/?next={address}", headers={"Referer": link})
    client.post(address, {"password": "x"}, headers={"Referer": link})
    client.get(address.replace("/password/", "//password//"))
    assert "/staff/password/" in console()
    assert token not in console()


def test_every_secret_route_in_every_way():
    leaks = []
    for route, parameter in secrets():
        values = dict.fromkeys(route.parameters, UID) | {parameter: SECRET}
        for way, text in ways(route.template % values).items():
            told = log_setup.redact(text)
            if SECRET[8:].lower() in told.lower() or unlogged.SECRET not in told:
                leaks.append((route.name, way, told))
    assert leaks == []
    assert {route.name for route, _ in secrets()} >= {"upload", "upload_withdraw", "staff_password"}


def test_whoever_adds_a_part_that_takes_text_says_what_it_is():
    unmarked = {
        (route.name, parameter)
        for route in all_routes()
        for parameter in route.parameters
        if unlogged.stand_in(route, parameter) is None
        and type(route.converters.get(parameter)).__name__ != "IntConverter"
        and not route.name.startswith("admin:")  # raw rows by their number
        and route.template.startswith("/")
        and route.name
    }
    assert unmarked == set(PLAIN)


def test_a_name_that_says_secret_is_marked():
    suspicious = ("token", "key", "secret", "code", "signature", "nonce", "password", "ticket")
    found = [
        (route.name, parameter)
        for route in all_routes()
        for parameter in route.parameters
        if any(word in parameter.lower() for word in suspicious)
        and unlogged.stand_in(route, parameter) != unlogged.SECRET
    ]
    assert found == []


def test_the_addresses_of_members():
    for text in (
        "/members/1187342001234567890/erase/",
        "//members//1187342001234567890/",
        "next=%2Fmembers%2F1187342001234567890%2F",
        "next=%252Fmembers%252F1187342001234567890%252F",
    ):
        told = log_setup.redact(text)
        assert "1187342001234567890" not in told
        assert "[member]" in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/queue/?q=fern+moss&tab=open", "/queue/?q=[text]&tab=open"),
        (
            "?next=%2Fqueue%2F%3Fq%3Dfern%26tab%3Dopen",
            "?next=%2Fqueue%2F%3Fq%3D[text]%26tab%3Dopen",
        ),
        ("%252Fqueue%252F%253Fq%253Dfern%2526tab", "%252Fqueue%252F%253Fq%253D[text]%2526tab"),
        (
            "/accounts/discord/login/callback/?code=abc",
            "/accounts/discord/login/callback/?code=[token]",
        ),
    ],
)
def test_what_was_searched_for_and_keys_in_a_query(text, told):
    assert log_setup.redact(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "/api/verify/provider/",
        "/staff/tokens/5/revoke/",
        "/accounts/password/reset/key/done/",
        "/members/?tab=left",
        "/queue/17/look/2/",
        "verify:method:id_document",
    ],
)
def test_what_is_no_secret_stays(text):
    assert log_setup.redact(text) == text


def test_before_the_routes_are_known_every_long_part_is_a_secret(monkeypatch):
    monkeypatch.setattr(unlogged, "_rules", lambda: unlogged._UNTIL_KNOWN)
    told = log_setup.redact(f"GET /anything/{SECRET}/ and /live")
    assert told == "GET /anything/[token]/ and /live"


def test_a_new_route_needs_nothing_else(monkeypatch):
    urlconf = ModuleType("urls_with_one_more")
    urlconf.urlpatterns = [path("meeting/<secret:ticket>/join/", lambda _r, ticket: HttpResponse())]
    monkeypatch.setitem(sys.modules, urlconf.__name__, urlconf)
    monkeypatch.setattr(settings, "ROOT_URLCONF", urlconf.__name__)
    assert log_setup.redact(f"/meeting/{SECRET}/join/") == "/meeting/[token]/join/"


def test_the_servers_own_errors_are_redacted_too():
    """uvicorn's handlers would write past the redaction: ours replace them."""
    script = (
        "import logging, logging.config, sys\n"
        "from uvicorn.config import LOGGING_CONFIG\n"
        "logging.config.dictConfig(LOGGING_CONFIG)\n"
        "import django; django.setup()\n"
        "import growmies_admin.urls\n"
        "try:\n    raise ValueError(sys.argv[1])\n"
        "except ValueError:\n"
        "    logging.getLogger('uvicorn.error').exception('Exception in ASGI application')\n"
        "logging.getLogger('uvicorn.access').warning('GET %s', sys.argv[1])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, f"/staff/password/MQ/{SECRET}/"],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "growmies_admin.settings"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [json.loads(line) for line in (done.stdout + done.stderr).splitlines()]
    assert [line["event"] for line in lines] == [
        "Exception in ASGI application",
        "GET /staff/password/MQ/[token]/",
    ]
    assert SECRET not in json.dumps(lines)


def test_a_long_value_is_cut_without_half_a_token(console):
    bot = "MTE4NzM0MjAwMTIzNDU2Nzg5MA.GabcdE.0123456789abcdefghijklmnopqrstuvwxyzAB"
    for before in range(15_900, 16_001, 10):
        structlog.get_logger("test").info("said", words="é" * before + " " + bot)
    assert "[…]" in console()
    assert bot[:12] not in console()


def test_of_a_long_traceback_the_end_is_kept(console):
    try:
        raise ValueError("x\n" * 20_000 + "the reason")
    except ValueError:
        structlog.get_logger("test").exception("failed")
    (line,) = console().splitlines()
    assert json.loads(line)["exception"].endswith("the reason")
    assert len(line) < 40_000


def test_a_huge_number_breaks_no_line(console):
    structlog.get_logger("test").info("counted", left_out=10**400)
    assert json.loads(console())["left_out"] == "[a huge number]"


def test_metrics_name_routes_and_not_addresses(client, db):
    client.get(reverse("staff_password", args=[UID, SECRET]))
    client.get(reverse("upload", args=[SECRET]))
    page = client.get("/metrics").content.decode()
    assert 'view="staff_password"' in page
    assert SECRET not in page


@pytest.mark.parametrize(
    "written",
    [
        *("/verify/./{}/", "/verify/x/../{}/", "/verify/%20{}/", "/verify/%0A{}/", '/verify/"{}/'),
        *("/verify/'{}/", "/verify/<{}>/", "/verify/%26{}/", "/verify%5C{}/", "/verify\\{}/"),
        *("/verify;{}/", "see {} please", "Not Found: /verify/\u2039{}"),
    ],
)
@pytest.mark.parametrize(
    "secret",
    [
        "Oeg1xAL4pWOGjYNDzcb-ZQ0T66g8vP32.bi3bW-IeuKNSbnvsTNVLzXPOseke1j6J7X8mvIQ8WFU",
        "cx3f9k-0123456789abcdef0123456789abcdef",
    ],
)
def test_what_is_shaped_like_a_link_is_cut_wherever_it_stands(secret, written):
    assert secret not in log_setup.redact(written.format(secret))

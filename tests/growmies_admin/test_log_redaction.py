"""Upload links and bot tokens never reach a log; each line is one JSON object."""

import io
import json
import logging
import logging.config

import pytest
import structlog
from django.conf import settings

from monitoring.health.answers import web_sampler

TOKEN = "NmE3ZjQ5MTgtZ3Jvd21pZXM.c2lnbmF0dXJlLW9mLXRoZS1saW5r"
API_TOKEN = "gma_" + "aB3-_" * 8 + "xyz"
BOT_TOKEN = "MTE4NzM0MjAwMTIzNDU2Nzg5MA.GabcdE.0123456789abcdefghijklmnopqrstuvwxyzAB"


@pytest.fixture
def lines():
    """What the console would have shown, parsed: `lines()`."""
    out = io.StringIO()
    config = settings.LOGGING["formatters"]["json"]
    formatter = logging.config.DictConfigurator({"version": 1}).configure_formatter(dict(config))
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    root.removeHandler(handler)


def text(lines):
    return json.dumps(lines())


def test_it_works(lines, client, db):
    client.get("/accounts/login/")
    (line,) = lines()
    assert (line["event"], line["request"]) == ("request_finished", "GET /accounts/login/")
    assert {"timestamp", "level", "logger", "request_id"} <= line.keys()


def test_probes_and_polls_leave_no_line(lines, client, db):
    web_sampler.sample()
    for path in ("/live", "/ready", "/metrics"):
        client.get(path)
    assert [line for line in lines() if line["event"].startswith("request")] == []


def test_the_link_of_a_request(lines, client, db):
    client.get(f"/verify/{TOKEN}/")
    assert "/verify/[token]" in text(lines)
    assert TOKEN not in text(lines)


def test_the_link_in_a_referrer_and_a_query(lines, client, db):
    url = f"/accounts/login/?next=/verify/{TOKEN}/"
    client.get(url, headers={"Referer": f"http://x/verify/{TOKEN}/"})
    assert "/accounts/login/" in text(lines)
    assert TOKEN not in text(lines)


def test_the_link_in_words_of_another_library(lines):
    logging.getLogger("somebody.else").error("could not read %s", f"http://h/verify/{TOKEN}/")
    assert lines()[0]["event"] == "could not read http://h/verify/[token]/"


def test_the_link_in_a_traceback(lines):
    try:
        raise ValueError(f"/verify/{TOKEN}/")
    except ValueError:
        structlog.get_logger("test").exception("failed")
    assert "ValueError" in text(lines)
    assert TOKEN not in text(lines)


def test_the_link_inside_a_structure(lines):
    structlog.get_logger("test").info("sent", body={"links": [f"/verify/{TOKEN}/"]})
    assert "sent" in text(lines)
    assert TOKEN not in text(lines)


def test_the_link_before_a_quote_and_a_line_break(lines):
    structlog.get_logger("test").info("said", words=f'"/verify/{TOKEN}"\n/verify/{TOKEN}\\')
    assert lines()[0]["words"] == '"/verify/[token]"\n/verify/[token]\\'


def test_the_bots_token(lines):
    structlog.get_logger("test").info("login", header=f"Bot {BOT_TOKEN}")
    assert lines()[0]["header"] == "Bot [token]"


def test_a_token_of_the_admin_api(lines, client, db):
    structlog.get_logger("test").info("asked", header=f"Bearer {API_TOKEN}")
    assert lines()[0]["header"] == "Bearer [token]"
    client.get("/api/admin/verifications", headers={"Authorization": f"Bearer {API_TOKEN}"})
    client.get(f"/api/admin/verifications?token={API_TOKEN}")
    assert "/api/admin/verifications" in text(lines)
    assert API_TOKEN not in text(lines)


def test_what_is_no_secret_stays(lines):
    structlog.get_logger("test").info("page", path="/queue/17/", file="static/app.css.min.map")
    assert (lines()[0]["path"], lines()[0]["file"]) == ("/queue/17/", "static/app.css.min.map")


def test_whose_page_and_what_was_searched_for(lines):
    log = structlog.get_logger("test")
    log.info("page", request="GET /members/1187342001234567890/erase/")
    log.info("page", request="GET /accounts/login/?next=%2Fmembers%2F1187342001234567890%2F")
    log.info("page", request="GET /queue/?tab=open&q=fern+moss&method=id_document")
    assert [line["request"] for line in lines()] == [
        "GET /members/[member]/erase/",
        "GET /accounts/login/?next=%2Fmembers%2F[member]%2F",
        "GET /queue/?tab=open&q=[text]&method=id_document",
    ]


def test_values_in_what_postgresql_says(lines):
    logging.getLogger("django").error("DETAIL:  Key (member_id)=(1187342001234567890) exists.")
    assert lines()[0]["event"] == "DETAIL:  Key (member_id)=([value]) exists."

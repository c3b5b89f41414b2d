"""Requests of the site by name of the address: bounded, and without what addresses hold."""

import pytest
from prometheus_client import REGISTRY, generate_latest

from monitoring.metrics import metrics


def count(view, method="GET"):
    labels = {"view": view, "method": method}
    return REGISTRY.get_sample_value("http_request_duration_seconds_count", labels) or 0


def answers(status, by="page"):
    labels = {"status": status, "by": by}
    return REGISTRY.get_sample_value("http_responses_total", labels) or 0


def test_it_works(client, db):
    before, fine = count("metrics"), answers("2xx")
    client.get("/metrics")
    assert (count("metrics"), answers("2xx")) == (before + 1, fine + 1)


def test_every_class_of_answer_starts_at_zero():
    text = generate_latest().decode()
    for status in ("1xx", "2xx", "3xx", "4xx", "5xx"):
        assert f'http_responses_total{{by="page",status="{status}"}}' in text
        assert f'http_responses_total{{by="other",status="{status}"}}' in text


@pytest.mark.parametrize("method", ["GET", "BREW"])
def test_a_flood_of_unknown_addresses_is_one_series(client, db, method):
    before = count("other", "GET" if method == "GET" else "other")
    lines = len(generate_latest().splitlines())
    for number in range(30):
        client.generic(method, f"/nothing/{number}")
    after = count("other", "GET" if method == "GET" else "other")
    assert after == before + 30
    assert len(generate_latest().splitlines()) <= lines + 30  # the 404's own series at most


def test_ten_thousand_views_stay_bounded():
    family = metrics.http_request_duration_seconds
    before = family.bounded.values["view"]
    try:
        for number in range(10_000):
            family.bounded.learn("view", [f"view{number}"], at_most=300)
        assert len(family.bounded.values["view"]) <= 301
        assert family.bounded.fold({"view": "view9999", "method": "GET"})["view"] == "other"
    finally:
        family.bounded.values["view"] = before


def test_an_error_is_counted_with_its_class(client, db, monkeypatch):
    from monitoring.metrics import exposition

    def fail():
        raise RuntimeError("test")

    monkeypatch.setattr(exposition, "current", fail)
    client.raise_request_exception = False
    before = answers("5xx")
    assert client.get("/metrics").status_code == 500
    assert answers("5xx") == before + 1


@pytest.mark.parametrize("path", ["/nothing/", "/staff/nothing/", "/accounts/discord/login/"])
def test_addresses_that_nobody_made_count_for_no_budget(client, db, path):
    pages, others = answers("4xx"), answers("4xx", "other")
    assert client.get(path).status_code == 404
    assert (answers("4xx"), answers("4xx", "other")) == (pages, others + 1)


def test_an_error_before_any_view_counts_for_no_budget(client, db, monkeypatch):
    from growmies_admin.middleware import ReaderTimezone

    def fail(*_):
        raise RuntimeError("test")

    monkeypatch.setattr(ReaderTimezone, "__call__", fail)
    client.raise_request_exception = False
    pages, others = answers("5xx"), answers("5xx", "other")
    assert client.get("/metrics").status_code == 500
    assert (answers("5xx"), answers("5xx", "other")) == (pages, others + 1)


def test_signing_in_counts(client, db):
    before = answers("2xx")
    assert client.get("/accounts/login/").status_code == 200
    assert answers("2xx") == before + 1

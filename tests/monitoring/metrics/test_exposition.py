"""What Prometheus scrapes: parsed by its own client library, and read by promtool."""

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from monitoring.metrics.collectors import FigureCollector
from monitoring.metrics.families import DATABASE_GAUGES
from tests.monitoring.metrics.checking import promtool

GUIDE = {
    "discord_commands_total": {"command", "user_type", "channel_type", "status"},
    "discord_command_duration_seconds_bucket": {"command", "status", "le"},
    "discord_messages_total": {"channel", "type", "contains_cannabis_content"},
    "age_verification_total": {"status", "method", "result"},
    "content_moderation_total": {"action", "reason", "channel", "automated"},
    "compliance_violations_total": {"violation_type", "severity", "automated_action"},
}


@pytest.fixture
def web(client, db):
    return client.get("/metrics")


@pytest.fixture
def worker(transactional_db):
    """The figures of the database, as the worker exports them."""
    registry = CollectorRegistry()
    registry.register(FigureCollector("database"))
    return generate_latest(registry).decode()


def samples(text):
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(sample)
    return found


def test_it_works(web):
    assert web.status_code == 200
    assert web["Content-Type"].startswith("text/plain")
    assert "python_info" in samples(web.content.decode())


@pytest.mark.parametrize("name", GUIDE)
def test_the_guides_families_have_the_guides_labels(web, name):
    found = samples(web.content.decode())[name]
    assert {frozenset(sample.labels) for sample in found} == {frozenset(GUIDE[name])}


def test_counters_start_at_zero(web):
    statuses = {"pending", "approved", "denied", "more_requested", "expired", "withdrawn", "error"}
    found = samples(web.content.decode())["age_verification_total"]
    assert {sample.labels["status"] for sample in found} == statuses


def test_promtool_likes_what_the_web_exports(web):
    assert promtool(web.content.decode()) == (0, "")


def test_promtool_likes_what_the_worker_exports(worker):
    assert promtool(worker) == (0, "")


def test_the_worker_exports_every_figure_of_the_database(worker):
    names = {family.name for family in text_string_to_metric_families(worker)}
    assert names == set(DATABASE_GAUGES)


def test_the_web_exports_none_of_them(web):
    assert not set(DATABASE_GAUGES) & set(samples(web.content.decode()))


def test_an_empty_queue_is_zero_and_not_absent(worker):
    found = samples(worker)
    assert [s.value for s in found["age_verification_overdue"]] == [0.0]
    assert {s.labels["state"]: s.value for s in found["age_verification_queue_depth"]} == {
        "pending": 0.0,
        "escalated": 0.0,
    }


def test_no_member_is_in_it(client, db):
    from compliance.members import roster

    roster.seen(1187342001234567890, "fern")
    client.get("/verify/AAAAAAAAAAAAAAAA.BBBBBBBBBBBB/")
    text = client.get("/metrics").content.decode()
    for word in ("fern", "1187342001234567890", "AAAAAAAAAAAAAAAA"):
        assert word not in text

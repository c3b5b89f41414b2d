"""/uptime/: who looks after alerts sees what is down outside first."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from monitoring.uptime.models import DiscordStatus, Probe
from monitoring.uptime.views import PAGE


@pytest.fixture
def page(client, staff):
    client.force_login(
        staff("operator"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    return lambda after="": client.get("/uptime/", {"after": after} if after else {})


def probe(name, *, error="", **more):
    now = timezone.now()
    facts = {"since": now, "checked_at": now, "took_seconds": 0.2, **more}
    return Probe.objects.create(
        name=name, url=f"https://{name}/", up=not error, error=error, **facts
    )


def names(answer):
    return [one.name for one in answer.context["page"].rows]


def test_what_is_down_comes_first_with_the_reason(page):
    probe("a")
    probe("b", error="answers 503")
    answer = page()
    assert names(answer) == ["b", "a"]
    assert "answers 503" in answer.content.decode()


def test_before_the_first_look(page):
    assert "Not checked yet" in page().content.decode()


def test_what_discord_says_of_a_part_is_said_in_words(page):
    said = {"Gateway": "operational", "Media Proxy": "partial_outage"}
    DiscordStatus.objects.create(
        description="Some are down", components=said, indicator="minor", checked_at=timezone.now()
    )
    answer = page().content.decode()
    assert "partial outage" in answer and "partial_outage" not in answer


def test_a_look_that_is_old_says_so(page):
    probe("a", checked_at=timezone.now() - timedelta(minutes=6))
    assert "Old" in page().content.decode()


def test_a_certificate_that_ends_soon_is_marked(page):
    probe("a", certificate_expires_at=timezone.now() + timedelta(days=13))
    assert "Soon" in page().content.decode()


def test_every_probe_is_on_one_page_exactly(page, django_assert_max_num_queries):
    for number in range(PAGE + 20):
        probe(f"p{number:03}", error="no answer" if number % 7 == 0 else "")
    first = page()
    with django_assert_max_num_queries(8):
        second = page(first.context["page"].next)
    assert len(names(first)) == PAGE
    assert second.context["page"].next == ""
    assert sorted(names(first) + names(second)) == [f"p{number:03}" for number in range(PAGE + 20)]


@pytest.mark.parametrize("after", ["down", "sideways.p1", ".", "up."])
def test_an_odd_cursor_shows_the_beginning(page, after):
    probe("a")
    assert names(page(after)) == ["a"]


def test_what_discord_says(page):
    DiscordStatus.objects.create(
        indicator="minor",
        description="Partial System Outage",
        components={"Gateway": "operational", "API": "partial_outage"},
        incidents=["Delayed messages"],
        checked_at=timezone.now() - timedelta(minutes=7),
    )
    text = page().content.decode()
    assert "Partial System Outage" in text
    assert "Delayed messages" in text
    assert "has not answered since" in text


def test_however_many_there_are_only_a_page_of_them_is_read(page):
    """By the index, in its order: no statement reads or sorts them all."""
    now = timezone.now()
    facts = {"since": now, "checked_at": now, "took_seconds": 0.2}
    Probe.objects.bulk_create(
        Probe(name=f"probe-{n:04}", url="https://a/", up=n % 2 == 0, **facts) for n in range(2000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE uptime_probe")
        page()  # what is kept for some seconds is kept now
        with CaptureQueriesContext(connection) as asked:
            page()
        (reads,) = (one["sql"] for one in asked.captured_queries if "uptime_probe" in one["sql"])
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {reads}")
        plan = cursor.fetchone()[0][0]["Plan"]
    assert plan["Node Type"] == "Limit"
    [scan] = plan["Plans"]
    assert scan["Node Type"] == "Index Scan" and scan["Index Name"] == "probes_down_first"
    assert scan["Actual Rows"] == PAGE + 1

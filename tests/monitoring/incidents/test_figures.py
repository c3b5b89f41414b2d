"""MTTA, MTTR, by week, and what was near: jobs and deploys."""

from datetime import timedelta

import pytest
from django.utils import timezone

from monitoring.incidents import deploys, figures, moving, opening, tasks
from monitoring.incidents.models import Deploy
from monitoring.maintenance.models import JobRun, RunState, Trigger
from tests.monitoring.incidents.conftest import texts

pytestmark = pytest.mark.django_db


def play(clock, ada, answer, end):
    incident = opening.open_by_hand(by=ada, title="Slow", severity="critical")
    clock.shift(answer)
    moving.acknowledge(incident.pk, by=ada)
    clock.shift(end - answer)
    moving.move(incident.pk, "resolved", by=ada, reason="Done.")


def test_it_works(clock, person):
    began = timezone.now()
    assert figures.mtta(began) is None and figures.mttr(began) is None
    ada = person("ada")
    play(clock, ada, 60, 600)
    play(clock, ada, 120, 1200)
    assert figures.mtta(began) == timedelta(seconds=90)
    assert figures.mttr(began) == timedelta(seconds=900)


def test_only_since_then(clock, person):
    ada = person("ada")
    play(clock, ada, 60, 600)
    clock.shift(3600)
    assert figures.mtta(timezone.now()) is None


def test_by_week_with_empty_ones(clock, person):
    ada = person("ada")
    play(clock, ada, 60, 600)
    clock.shift(timedelta(weeks=2))
    weeks = figures.weeks(4)
    assert [week.count for week in weeks] == [0, 1, 0, 0]
    assert weeks[1].mttr == timedelta(seconds=600)


def test_the_page_and_its_chart(clock, person, sign_in, staff):
    play(clock, person("ada"), 60, 600)
    client = sign_in(staff("viewer"))
    assert "10 min" in client.get("/incidents/figures/").content.decode()
    answer, end = client.get("/incidents/figures/chart/").json()["data"]
    assert answer["y"][-1] == 1.0
    assert end["y"][-1] == 10.0


def test_what_was_near(clock, person):
    now = timezone.now()
    for minutes, state in ((5, RunState.SUCCEEDED), (90, RunState.SUCCEEDED), (1, RunState.FAILED)):
        JobRun.objects.create(
            job="daily_cleanup",
            trigger=Trigger.SCHEDULE,
            state=state,
            started_at=now - timedelta(minutes=minutes, seconds=48),
            finished_at=now - timedelta(minutes=minutes),
        )
    assert deploys.record("4f19c2e")
    assert not deploys.record("4f19c2e")
    incident = opening.open_by_hand(by=person("ada"), title="Slow", severity="critical")
    tasks.surroundings()
    tasks.surroundings()
    said = texts(incident)
    assert [text for text in said if "clean-up" in text] == [
        "Daily clean-up succeeded, 48 s",
        "Daily clean-up failed, 48 s",
    ]
    assert said.count("Version 4f19c2e was rolled out") == 1
    assert Deploy.objects.count() == 1


def test_what_was_opened_before_and_resolved_since_counts(clock, person):
    ada = person("ada")
    incident = opening.open_by_hand(by=ada, title="Slow", severity="critical")
    clock.shift(3600)
    since = timezone.now()
    clock.shift(600)
    moving.move(incident.pk, "resolved", by=ada, reason="Done.")
    assert figures.mttr(since) == timedelta(seconds=4200)

"""Snapshots: one a KPI and day, renewed while the day runs, then final; missed days are taken."""

import math
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from monitoring import policy
from monitoring.kpis import snapshots
from monitoring.kpis.models import Snapshot
from monitoring.kpis.registry import NotMeasured, Part, Reading, SourceAway, Target, TooFew
from monitoring.maintenance import running
from monitoring.maintenance.models import RunState

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 10)
YESTERDAY = TODAY - timedelta(days=1)


def raises(error):
    def measure(_day):
        raise error

    return measure


def rows():
    return [
        (row.kpi, row.day, row.state, row.value, row.final)
        for row in Snapshot.objects.order_by("day", "kpi")
    ]


def finish():
    run = running.run_now("kpi_snapshots")
    assert run.state == RunState.SUCCEEDED, run.lines
    return run


def test_it_works(clock, kpis):
    kpis("members", lambda day: Reading(day.seconds / 3600))
    snapshots.take_today()
    finish()
    assert rows() == [
        ("members", YESTERDAY, "measured", 24.0, True),
        ("members", TODAY, "measured", 12.0, False),
    ]
    clock.shift(3600)
    snapshots.take_today()
    assert rows()[1] == ("members", TODAY, "measured", 13.0, False)


def test_it_may_run_twice(clock, kpis):
    asked = []
    kpis("members", lambda day: asked.append(day) or Reading(7))
    finish()
    finish()
    assert len(asked) == len(rows()) == 1


def test_a_day_that_is_final_stays(clock, kpis):
    """A run that took long comes after the day was closed."""
    kpis("members")
    finish()
    late = Snapshot(kpi="members", day=YESTERDAY, state="measured", value=1.0)
    snapshots._write([late])
    assert rows() == [("members", YESTERDAY, "measured", 7.0, True)]


def test_missed_days_are_taken(clock, kpis):
    kpis("members")
    finish()
    clock.shift(timedelta(days=4))
    run = finish()
    assert [day for _, day, *_ in rows()] == [YESTERDAY + timedelta(days=n) for n in range(5)]
    assert run.findings[-1]["title"] == "4 figures taken"


def test_no_further_back_than_sources_know(clock, kpis):
    kpis("members")
    finish()
    clock.shift(timedelta(days=100))
    finish()
    assert len(rows()) == 1 + policy.KPI_BACKFILL.days


def test_a_source_that_is_away_is_asked_again(clock, kpis):
    answers = iter([SourceAway("Prometheus does not answer."), None])

    def measure(_day):
        if error := next(answers):
            raise error
        return Reading(7)

    kpis("members", measure)
    run = finish()
    assert rows() == [("members", YESTERDAY, "not_measured", None, False)]
    assert run.findings[0]["title"] == "1 figures not taken"
    finish()
    assert rows() == [("members", YESTERDAY, "measured", 7.0, True)]


def test_one_that_breaks_does_not_hold_the_others_up(clock, kpis):
    kpis("a", raises(RuntimeError("bug")))
    kpis("b")
    finish()
    found = {row.kpi: row for row in Snapshot.objects.all()}
    assert (found["a"].state, found["a"].final) == ("not_measured", False)
    assert "the log" in found["a"].note and "bug" not in found["a"].note
    assert found["b"].value == 7.0


@pytest.mark.parametrize(
    ("measure", "state", "note"),
    [
        (raises(NotMeasured("No channel is named.")), "not_measured", "No channel is named."),
        (raises(TooFew("Fewer than 5.")), "too_few", "Fewer than 5."),
        (lambda day: Reading(math.nan), "not_measured", "There was nothing to compute it from."),
        (lambda day: Reading(math.inf), "not_measured", "There was nothing to compute it from."),
    ],
)
def test_what_is_not_measured_says_why_and_is_not_0(clock, kpis, measure, state, note):
    kpis("members", measure)
    finish()
    row = Snapshot.objects.get()
    assert (row.state, row.value, row.note, row.met) == (state, None, note, None)


def test_targets_are_judged(clock, kpis):
    parts = [Part("p95", 2.0), Part("p99", 9.0)]
    two = [Target(3, at_least=False), Target(8, at_least=False, part="p99")]
    kpis("met", lambda day: Reading(7.0), targets=[Target(7)])
    kpis("missed", lambda day: Reading(6.9), targets=[Target(7)])
    kpis("part", lambda day: Reading(2.0, parts), targets=two)
    kpis("none", targets=[])
    kpis("growing", whole_day=True)
    snapshots.take_today()
    finish()
    judged = {(row.kpi, row.final): row.met for row in Snapshot.objects.all()}
    assert judged["met", True] is True
    assert judged["missed", True] is False
    assert judged["part", True] is False
    assert judged["none", True] is None
    assert judged["growing", True] is True
    assert judged["growing", False] is None  # the day is not over


def test_a_day_costs_few_questions(clock, kpis, django_assert_num_queries):
    for number in range(26):
        kpis(f"kpi{number}")
    with django_assert_num_queries(1):
        snapshots.take_today()
    assert len(rows()) == 26


def test_old_ones_go(clock, kpis):
    kpis("members")
    finish()
    clock.shift(policy.KPI_RETENTION + timedelta(days=2))
    assert snapshots.old_snapshots() == 1


@pytest.mark.parametrize(
    "facts",
    [
        {"state": "measured"},
        {"state": "not_measured", "note": ""},
        {"state": "too_few", "value": 3.0, "note": "few"},
        {"state": "measured", "value": -1.0},
        {"state": "measured", "value": math.nan},
        {"state": "guessed", "note": "x"},
    ],
)
def test_the_database_refuses(facts):
    with pytest.raises(IntegrityError), transaction.atomic():
        Snapshot.objects.create(kpi="members", day=TODAY, **facts)


def test_the_database_refuses_a_second_one_of_a_day():
    facts = {"kpi": "members", "day": TODAY, "state": "measured", "value": 1.0}
    Snapshot.objects.create(**facts)
    with pytest.raises(IntegrityError), transaction.atomic():
        Snapshot.objects.create(**facts)


def test_pages_read_by_an_index():
    Snapshot.objects.bulk_create(
        Snapshot(kpi=f"k{kpi}", day=TODAY - timedelta(days=n), state="measured", value=1.0)
        for kpi in range(26)
        for n in range(400)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE kpis_snapshot")
    since = TODAY - timedelta(days=10)
    assert "snapshots_by_day" in Snapshot.objects.filter(day__gte=since).explain()
    assert (
        "one_snapshot_a_kpi_and_day" in Snapshot.objects.filter(kpi="k3", day__gte=since).explain()
    )

"""/kpis/: the 26 of the community's list, a page each, CSV; never 0 for what nobody counts."""

import csv
import io
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring.kpis import drawing, registry, snapshots, words
from monitoring.kpis.models import Snapshot
from monitoring.kpis.registry import Link, NotMeasured, Part, Reading, Target, Unit
from monitoring.maintenance import running

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer(sign_in, staff):
    """`viewer("/kpis/")`: the answer to somebody who has just signed in."""
    person = staff("viewer")
    return lambda path: sign_in(person).get(path)


@pytest.fixture
def look(viewer):
    def get(path):
        answer = viewer(path)
        assert answer.status_code == 200
        return answer.content.decode()

    return get


def days(count, clock):
    for _ in range(count):
        running.run_now("kpi_snapshots")
        clock.shift(timedelta(days=1))


def test_it_works(clock, kpis, look):
    values = iter([10.0, 20.0, 30.0])
    kpis("members", lambda day: Reading(next(values)), whole_day=True, targets=[Target(25)])
    days(2, clock)
    snapshots.take_today()
    found = look("/kpis/")
    assert "<b>20</b>" in found and "30 so far today" in found
    assert "Off target" in found and "Target at least 25" in found
    assert 'class="kpi-spark"' in found


def test_the_communitys_list_is_complete(look):
    """Of the five groups: 6, 5, 5, 5 and 5."""
    all_kpis = registry.all_kpis()
    assert [kpi.place for kpi in all_kpis] == list(range(1, 27))
    assert Counter(kpi.group for kpi in all_kpis) == {
        "User Engagement": 6,
        "Compliance Metrics": 5,
        "Community Health": 5,
        "Technical Performance": 5,
        "Cannabis Education": 5,
    }
    found = look("/kpis/")
    for kpi in all_kpis:
        assert kpi.definition and kpi.formula and kpi.source
        assert f'href="{reverse("kpi", args=[kpi.slug])}"' in found


def test_every_page_opens_with_nothing_measured_and_shows_no_0(look, viewer):
    snapshots.take_today()
    assert Snapshot.objects.count() == 26
    assert not Snapshot.objects.filter(value=0).exists()
    assert "<b>" not in look("/kpis/")
    for kpi in registry.all_kpis():
        found = look(f"/kpis/{kpi.slug}/")
        assert "Not measured" in found or "Too few" in found
        assert viewer(f"/kpis/{kpi.slug}/chart/").json()["data"]


@pytest.mark.parametrize("slug", [
    "violation-detection", "moderation-false-positives", "guideline-violations",
    "resource-sharing", "expert-participation", "knowledge-contributions",
])  # fmt: skip
def test_what_is_not_built_says_so(slug):
    with pytest.raises(
        NotMeasured, match=r"not set up|no list|no knowledge base|Nobody is|nobody writes"
    ):
        registry.get(slug).measure(None)


def test_today_so_far_stands_beside_the_last_whole_day(clock, kpis, look):
    values = iter([10.0, 30.0])
    kpis("members", lambda day: Reading(next(values)), whole_day=True)
    running.run_now("kpi_snapshots")
    snapshots.take_today()
    found = look("/kpis/")
    assert "<b>10</b>" in found and "30 so far today" in found and "yesterday" in found


def test_parts_are_of_the_last_whole_day(clock, kpis, look):
    kpis("members", lambda day: Reading(1.0, [Part("#general", day.seconds)]), whole_day=True)
    running.run_now("kpi_snapshots")
    snapshots.take_today()
    assert '<td class="number">86,400</td>' in look("/kpis/members/")


def test_before_the_first_whole_day_today_is_shown(clock, kpis, look):
    kpis("members", lambda day: Reading(3.0, note="Counted for 1 h of 12 h."), whole_day=True)
    snapshots.take_today()
    found = look("/kpis/members/")
    assert "<b>3</b>" in found and "so far today" in found and "Counted for 1 h" in found


def test_an_old_figure_says_how_old(clock, kpis, look):
    kpis("members")
    running.run_now("kpi_snapshots")
    clock.shift(timedelta(days=5))
    found = look("/kpis/")
    assert "9 Nov 2026" in found and "kpi-old" in found


def test_one_page_and_its_chart(clock, kpis, look, viewer):
    parts = [Part("p95", 0.4), Part("p99", None)]
    link = [Link("Staff", "/staff/", "accounts.manage"), Link("Wall", "/wall/main/", "kpis.view")]
    kpis("members", lambda day: Reading(0.4, parts), unit=Unit.SHARE, further=link,
         lines=("p95", "p99"), targets=[Target(0.5)])  # fmt: skip
    days(3, clock)
    found = look("/kpis/members/")
    assert "40 %" in found and "p99" in found and "/wall/main/" in found
    assert 'href="/staff/"' not in found  # not theirs to see
    figure = viewer("/kpis/members/chart/").json()
    first, second = figure["data"]
    assert (first["name"], len(first["x"]), len(first["y"])) == ("p95", 90, 90)
    assert [value for value in first["y"] if value is not None] == [40.0] * 3
    assert set(second["y"]) == {None}
    assert figure["layout"]["shapes"][0]["y0"] == 50


def test_only_90_days_are_shown(clock, kpis, look):
    kpis("members")
    days(3, clock)  # 9, 10 and 11 November
    clock.shift(timedelta(days=87))
    assert look("/kpis/members/").count('<td class="kpi-day">') == 1


def test_pages_cost_few_questions_however_long_the_history(clock, kpis, look):
    for number in range(26):
        kpis(f"kpi{number}")
    snapshots.take_today()
    Snapshot.objects.bulk_create(
        Snapshot(kpi=kpi, day=row.day - timedelta(days=n), state="measured", value=n, final=True)
        for row in Snapshot.objects.all()[:1]
        for kpi in registry._KPIS
        for n in range(1, 400)
    )
    for path in ("/kpis/", "/kpis/kpi3/"):
        with CaptureQueriesContext(connection) as asked:
            found = look(path)
        assert sum("kpis_snapshot" in query["sql"] for query in asked) == 1
        assert len(found) < 150_000
        assert found.count("<") / 2 < 1_500


def test_csv(clock, kpis, look):
    kpis("members", lambda day: Reading(0.5, [Part("=1+1", 3.0), Part("#general", None)]))
    kpis("other", lambda day: Reading(1.0))
    days(2, clock)
    lines = list(csv.DictReader(io.StringIO(look("/kpis/export/?kpi=members"))))
    assert [(line["Day"], line["Value"], line["Part"]) for line in lines] == [
        ("2026-11-09", "0.5", ""),
        ("2026-11-09", "3", "'=1+1"),
        ("2026-11-09", "", "#general"),
        ("2026-11-10", "0.5", ""),
        ("2026-11-10", "3", "'=1+1"),
        ("2026-11-10", "", "#general"),
    ]
    everything = list(csv.DictReader(io.StringIO(look("/kpis/export/"))))
    assert {line["KPI"] for line in everything} == {"members", "other"}


def test_what_is_not_there_says_so(viewer):
    for path in ("/kpis/nowhere/", "/kpis/nowhere/chart/", "/kpis/export/?kpi=nowhere"):
        answer = viewer(path)
        assert answer.status_code == 404
        assert "There is no KPI called" in answer.content.decode()


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (1204, Unit.COUNT, "1,204"),
        (3.25, Unit.COUNT, "3.2"),
        (0.875, Unit.SHARE, "88 %"),
        (0.9858, Unit.SHARE, "98.58 %"),
        (0.9995, Unit.SHARE, "99.95 %"),
        (0.999999, Unit.SHARE, "99.99 %"),
        (1, Unit.SHARE, "100 %"),
        (0.0004, Unit.SHARE, "0.04 %"),
        (7800, Unit.SECONDS, "2 h 10 m"),
        (0, Unit.SECONDS, "0 s"),
        (4.26, Unit.SCORE, "4.3 of 5"),
    ],
)
def test_figures_in_words(value, unit, said):
    assert words.figure(value, unit) == said


def test_operators_set_targets(kpis, settings):
    settings.KPI_TARGETS = {"members": 50.0, "share": 60.0, "slow": 120.0}
    assert words.targets(kpis("members", targets=[])) == "Target at least 50"
    assert words.targets(kpis("share", unit=Unit.SHARE)) == "Target at least 60 %"
    slow = [Target(60, at_least=False), Target(3, at_least=False, part="p99")]
    found = kpis("slow", unit=Unit.SECONDS, targets=slow)
    assert words.targets(found) == "Target at most 2 min; p99: at most 3 s"
    assert words.targets(kpis("other", targets=[])) == "No target set"


def test_a_gap_in_the_trend_is_a_gap():
    found = drawing.spark([None, 1.0, 2.0, None, 3.0, None, 4.0, 5.0])
    assert len(found.lines) == 2 and len(found.dots) == 1
    assert drawing.spark([None, None]).lines == ()


def test_yesterdays_figure_is_not_old(clock, kpis, look):
    kpis("members")
    running.run_now("kpi_snapshots")
    found = look("/kpis/")
    assert "yesterday" in found and "kpi-old" not in found

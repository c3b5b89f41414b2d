"""The panels of alerts show what fires, then what was over last, and say when that is not sure."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from monitoring import policy
from monitoring.alerts import attended, reconciling
from monitoring.alerts.models import Alert, Comparison, Status
from monitoring.panels import board as boards
from monitoring.panels.boards import Board
from monitoring.panels.registry import panel
from monitoring.tones import Tone
from tests.monitoring.alerts.conftest import START, alert

pytestmark = pytest.mark.django_db
PANELS = [
    (Board.MAIN, "recent-alerts"),
    (Board.SECONDARY, "alert-history"),
    (Board.MOBILE, "critical-alerts"),
]


@pytest.fixture
def lasted_long():
    """It fired before ten others, and ended after them."""
    for number in range(11):
        Alert.objects.create(
            fingerprint=str(number),
            name="Long" if number == 0 else f"Short{number}",
            severity="warning",
            starts_at=START + timedelta(minutes=number),
            ends_at=START + timedelta(hours=1 if number == 0 else 0, minutes=number + 1),
            status=Status.RESOLVED,
        )


@pytest.mark.parametrize(
    ("board", "slug"), [(Board.MAIN, "recent-alerts"), (Board.SECONDARY, "alert-history")]
)
def test_what_ended_last_is_first(lasted_long, board, slug):
    words = [item.words for item in boards.now(board).of(slug).shown.items]
    assert words[:3] == ["Long", "Short10", "Short9"]


def compared_ago(age):
    Comparison.objects.create(at=timezone.now() - age)


@pytest.mark.parametrize(("board", "slug"), PANELS)
def test_what_was_confirmed_lately_is_fresh(deliver, board, slug):
    deliver(alert(1))
    compared_ago(policy.ALERT_UNCONFIRMED_AFTER * 0.9)
    drawn = boards.now(board).of(slug)
    assert len(drawn.shown.items) == 1
    assert not drawn.is_stale
    assert timezone.now() - drawn.at < timedelta(seconds=15)


@pytest.mark.parametrize(("board", "slug"), PANELS)
def test_what_was_not_confirmed_for_long_stays_and_says_its_age(deliver, board, slug):
    deliver(alert(1))
    compared_ago(timedelta(minutes=7))
    drawn = boards.now(board).of(slug)
    assert len(drawn.shown.items) == 1
    assert drawn.is_stale
    assert drawn.age_words.startswith("7 m")


@pytest.mark.parametrize(("board", "slug"), PANELS)
def test_before_the_first_comparison_nothing_is_old(board, slug):
    assert not boards.now(board).of(slug).is_stale


def test_pages_mark_what_was_not_confirmed(deliver, sign_in, staff):
    deliver(alert(1))
    compared_ago(timedelta(minutes=7))
    viewer = sign_in(staff("viewer"))
    wall = viewer.get("/wall/main/panels/").content.decode()
    (found,) = re.findall(r'<section class="([^"]*)"[^>]*data-panel="recent-alerts"', wall)
    assert "stale" in found.split()
    assert re.search(r"data-age>7 m[^<]* old<", wall)
    phone = viewer.get("/mobile/").content.decode()
    (found,) = re.findall(r'<section class="([^"]*)"[^>]*data-panel="critical-alerts"', phone)
    assert {"tile", "list", "stale"} <= set(found.split())
    phone_words = re.search(r'data-panel="critical-alerts".*?</h2>', phone, re.S)[0]
    assert "7 m" in phone_words


def test_a_panel_asks_for_it_once(deliver, django_assert_num_queries):
    deliver(alert(1))
    one = panel("recent-alerts")
    # The comparison, what fires; who has it: acknowledgement, incident, window; what is over.
    with django_assert_num_queries(6):
        boards.shown_by(one)


def test_only_an_answer_of_alertmanager_confirms(alertmanager, settings):
    reconciling.reconcile()
    first = Comparison.objects.get().at
    with time_machine.travel(timezone.now() + timedelta(seconds=30)):
        reconciling.reconcile()
        second = Comparison.objects.get().at
        settings.ALERTMANAGER_URL = "http://127.0.0.1:9"
        reconciling.reconcile()
    assert Comparison.objects.get().at == second > first


def test_critical_ones_beyond_those_that_are_listed_count():
    for number in range(25):
        Alert.objects.create(
            fingerprint=str(number), name="Down", severity="critical", status="firing",
            starts_at=START, is_silenced=number < 21, labels={},
        )  # fmt: skip
    shown = boards.now(Board.MOBILE).of("critical-alerts").shown
    assert (shown.more, shown.chip) == (5, "25 firing, 17 handled")


def test_what_was_not_looked_at_is_no_good_news():
    assert attended.worst_tone(3, [], {}) == Tone.WARN
    assert attended.worst_tone(0, [], {}) == Tone.INFO

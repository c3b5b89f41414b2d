"""Who is on call: shifts, repeats across the change of the clock, overrides, gaps."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitoring.incidents import rotas
from monitoring.incidents.models import Override, Rota, Shift

pytestmark = pytest.mark.django_db
NY = ZoneInfo("America/New_York")


def at(month, day, hour=9):
    return datetime(2026, month, day, hour, tzinfo=NY)


@pytest.fixture
def first(db):
    return Rota.objects.create(name="First level")


@pytest.fixture
def shift(first):
    def make(who, starts_at, ends_at, **more):
        return Shift.objects.create(
            rota=first, person=who, starts_at=starts_at, ends_at=ends_at, **more
        )

    return make


def names(rota, moment):
    return [one.username for one in rotas.on_call(rota, moment)]


def test_it_works(first, shift, person):
    """Ada and Bo take turns, a week each, from Monday to Monday."""
    shift(person("ada"), at(4, 6), at(4, 13), every_weeks=2)
    shift(person("bo"), at(4, 13), at(4, 20), every_weeks=2)
    assert names(first, at(4, 6)) == ["ada"]
    assert names(first, at(4, 13, 8)) == ["ada"]
    assert names(first, at(4, 13)) == ["bo"]
    assert names(first, at(4, 20)) == ["ada"]
    assert names(first, at(12, 15)) == ["ada"]
    assert not rotas.gaps(first, at(4, 6), at(12, 1))


def test_before_the_first_shift_there_is_nobody(first, shift, person):
    shift(person("ada"), at(4, 6), at(4, 13), every_weeks=1)
    assert names(first, at(4, 6, 8)) == []


def test_the_hour_stays_when_the_clock_changes(first, shift, person):
    """9 in the morning of New York is 9 in summer and in winter (1 November 2026)."""
    shift(person("ada"), at(10, 26, 9), at(10, 26, 17), every_weeks=1)
    assert names(first, at(11, 2, 9)) == ["ada"]
    assert names(first, at(11, 2, 8)) == []
    assert names(first, at(11, 2, 17)) == []


def test_gaps_are_found(first, shift, person):
    shift(person("ada"), at(4, 6), at(4, 10))
    shift(person("bo"), at(4, 11), at(4, 13))
    found = rotas.gaps(first, at(4, 6), at(4, 14))
    assert [(gap.starts_at, gap.ends_at) for gap in found] == [
        (at(4, 10), at(4, 11)),
        (at(4, 13), at(4, 14)),
    ]


def test_overlapping_shifts_are_both_on_call(first, shift, person):
    shift(person("ada"), at(4, 6), at(4, 10))
    shift(person("bo"), at(4, 9), at(4, 13))
    assert names(first, at(4, 9)) == ["ada", "bo"]


def test_an_override_takes_over_and_gives_back(first, shift, person):
    shift(person("ada"), at(4, 6), at(4, 13))
    bo, cy = person("bo"), person("cy")
    for who, begins, ends in ((bo, 7, 9), (cy, 8, 10)):
        Override.objects.create(
            rota=first, person=who, starts_at=at(4, begins), ends_at=at(4, ends), made_by=bo
        )
    spans = rotas.spans(first, at(4, 6), at(4, 13))
    assert [(span.people[0].username, span.starts_at, span.is_override) for span in spans] == [
        ("ada", at(4, 6), False),
        ("bo", at(4, 7), True),
        ("cy", at(4, 8), True),  # made later
        ("ada", at(4, 10), False),
    ]


def test_who_has_left_leaves_a_gap(first, shift, person):
    ada = person("ada")
    shift(ada, at(4, 6), at(4, 13))
    ada.is_active = False
    ada.save()
    assert names(first, at(4, 7)) == []


def test_repeats_end(first, shift, person):
    shift(person("ada"), at(4, 6), at(4, 13), every_weeks=1, until=at(4, 20))
    assert names(first, at(4, 19)) == ["ada"]
    assert names(first, at(4, 21)) == []


def test_long_shifts_reach_into_the_time_that_is_asked_for(first, shift, person):
    shift(person("ada"), at(4, 6), at(4, 6) + timedelta(days=13), every_weeks=2)
    assert names(first, at(5, 2)) == ["ada"]
    assert names(first, at(5, 3, 10)) == []

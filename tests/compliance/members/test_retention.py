"""Retention 30/60/90: who is still there, of those who joined together."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from compliance.members import retention, roster
from compliance.members.models import Member
from monitoring.kpis.days import ZONE, day_of, today
from monitoring.kpis.registry import NotMeasured, TooFew

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 10, 12, tzinfo=ZONE)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def join(member):
    """`join(40, stayed=10)`: somebody who joined 40 days ago and left after 10 days."""

    def make(days_ago, stayed=None):
        joined = timezone.now() - timedelta(days=days_ago)
        made = member(joined_at=joined)
        if stayed is not None:
            roster.left(made.pk)
            Member.objects.filter(pk=made.pk).update(left_at=joined + timedelta(days=stayed))
        return made

    return make


@pytest.fixture
def watched(join):
    """The bot has watched for a year."""
    Member.objects.filter(pk=join(400).pk).update(first_seen_at=NOW - timedelta(days=365))


def shares(day=None):
    reading = retention.measure(day or today())
    return [part.value for part in reading.parts]


def test_it_works(watched, join):
    for _ in range(6):
        join(40)
    join(40, stayed=29)
    join(40, stayed=31)
    for _ in range(5):
        join(70)
        join(70, stayed=59)
    for _ in range(5):
        join(100, stayed=91)
        join(100, stayed=35)
    assert shares() == [7 / 8, 5 / 10, 5 / 10]
    assert retention.measure(today()).value == 7 / 8


def test_who_comes_back_begins_anew(watched, join):
    people = [join(40) for _ in range(5)]
    roster.left(people[0].pk)
    roster.seen(people[0].pk, "back", joined_at=timezone.now())
    with pytest.raises(TooFew):
        retention.measure(today())


def test_few_are_too_few(watched, join):
    for _ in range(4):
        join(40)
    with pytest.raises(TooFew, match="Fewer than 5 members joined"):
        retention.measure(today())


def test_small_later_cohorts_are_left_out_alone(watched, join):
    for _ in range(5):
        join(40)
    assert shares() == [1.0, None, None]


def test_who_left_before_the_bot_watched_is_not_known(join):
    for _ in range(9):
        join(40)
    with pytest.raises(NotMeasured, match=r"watched since 10 Nov 2026.*from 9 Jan 2027 on"):
        retention.measure(today())


def test_without_anybody():
    with pytest.raises(NotMeasured, match="No member was seen"):
        retention.measure(today())
    assert retention.cohorts().rows == []


def test_a_day_of_the_past(watched, join):
    for _ in range(5):
        join(50)
        join(50, stayed=20)
    assert shares(day_of((NOW - timedelta(days=10)).date()))[0] == 0.5


def test_practice_members_are_in_no_cohort(watched, join):
    for _ in range(5):
        Member.everybody.filter(pk=join(40).pk).update(made_up=True)
    with pytest.raises(TooFew):
        retention.measure(today())


def test_by_month(watched, join):
    for _ in range(6):
        join(100)  # 2 August
    join(100, stayed=40)
    for _ in range(3):
        join(60)  # 11 September
    for _ in range(8):
        join(1)
    rows = {row[0]: row[1:] for row in retention.cohorts().rows}
    assert rows["August 2026"] == ["7", "100 %", "86 %", "not yet"]
    assert rows["September 2026"] == ["fewer than 5", "too few to show", "not yet", "not yet"]
    assert rows["November 2026"] == ["8", "not yet", "not yet", "not yet"]


def test_by_month_before_the_bot_watched(join):
    for _ in range(6):
        join(100)
    assert retention.cohorts().rows == [["August 2026", "6", *["not known"] * 3]]


def test_who_was_there_before_keeps_when_they_were_first_seen(clock, member):
    first = member("fern")
    clock.shift(timedelta(days=3))
    roster.seen_many([roster.Seen(first.pk, "fern")])
    roster.seen(first.pk, "fern")
    assert Member.objects.get(pk=first.pk).first_seen_at == NOW
    assert retention.watching_since() == NOW

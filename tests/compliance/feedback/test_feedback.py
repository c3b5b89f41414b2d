"""The monthly poll: one answer a member and month, and nobody can tell whose it was."""

from datetime import date, datetime

import pytest
import time_machine
from django.db import IntegrityError, transaction

from compliance.feedback import giving
from compliance.feedback.kpis import satisfaction
from compliance.feedback.models import Mark, Total
from compliance.privacy import erasure
from compliance.refusals import Refusal
from monitoring.kpis.days import ZONE, today
from monitoring.kpis.registry import NotMeasured, TooFew

pytestmark = pytest.mark.django_db
FERN = 1187342001234567890
NOVEMBER = date(2026, 11, 1)


@pytest.fixture(autouse=True)
def poll(settings):
    settings.FEEDBACK_POLL = True
    return settings


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(datetime(2026, 11, 10, 12, tzinfo=ZONE), tick=False) as traveller:
        yield traveller


def refused(*arguments):
    with pytest.raises(Refusal) as refusal:
        giving.give(*arguments)
    return refusal.value.code


def answers(*scores):
    for number, score in enumerate(scores):
        giving.give(1000 + number, score)


def test_it_works():
    answers(5, 4, 4, 3, 5)
    found = satisfaction(today())
    assert found.value == pytest.approx(4.2)
    assert found.note == "November 2026: 5 answers."


def test_once_a_month(clock):
    giving.give(FERN, 5)
    assert refused(FERN, 1) == "already_answered"
    assert Total.objects.get(month=NOVEMBER, score=5).answers == 1
    assert Total.objects.get(month=NOVEMBER, score=1).answers == 0
    clock.move_to(datetime(2026, 12, 1, 0, 1, tzinfo=ZONE))
    giving.give(FERN, 1)


@pytest.mark.parametrize("score", [0, 6, -1])
def test_other_scores(score):
    assert refused(FERN, score) == "score_unknown"
    assert not Mark.objects.exists()


def test_off(poll):
    poll.FEEDBACK_POLL = False
    assert refused(FERN, 5) == "poll_off"
    with pytest.raises(NotMeasured, match="poll is off"):
        satisfaction(today())


def test_nothing_ties_a_member_to_an_answer():
    giving.give(FERN, 2)
    mark = Mark.objects.get()
    assert {field.name for field in Mark._meta.fields} == {"id", "month", "mark"}
    assert {field.name for field in Total._meta.fields} == {"id", "month", "score", "answers"}
    assert str(FERN).encode() not in bytes(mark.mark)
    assert bytes(mark.mark) != giving.mark_of(FERN, date(2026, 12, 1))
    # A row that is there tells nothing: all five are made with the first answer.
    assert Total.objects.count() == 5


def test_without_the_secret_key_a_mark_is_nobodys(settings):
    before = giving.mark_of(FERN, NOVEMBER)
    settings.SECRET_KEY = "another"
    assert giving.mark_of(FERN, NOVEMBER) != before


def test_marks_go_with_the_month(clock):
    answers(5, 5)
    assert giving.old_marks() == 0
    clock.move_to(datetime(2026, 12, 1, 3, 10, tzinfo=ZONE))
    assert giving.old_marks() == 2
    assert Total.objects.get(score=5).answers == 2


def test_erasing_a_member_takes_the_mark_and_leaves_the_sum(member, staff, clock):
    fern, rowan = member("fern"), member("rowan")
    giving.give(fern.pk, 4)
    giving.give(rowan.pk, 5)
    clock.move_to(datetime(2026, 12, 1, 0, 1, tzinfo=ZONE))  # before the clean-up
    erasure.erase(fern, by=staff("compliance"), reason="asked")
    assert bytes(Mark.objects.get().mark) == giving.mark_of(rowan.pk, NOVEMBER)
    assert Total.objects.get(score=4).answers == 1


def test_few_are_too_few_and_none_is_nothing():
    with pytest.raises(NotMeasured, match="Nobody has answered"):
        satisfaction(today())
    answers(5, 5, 5, 5)
    with pytest.raises(TooFew, match="Fewer than 5"):
        satisfaction(today())


def test_at_the_beginning_of_a_month_the_one_before_is_shown(clock):
    answers(5, 5, 5, 5, 4)
    clock.move_to(datetime(2026, 12, 1, 12, tzinfo=ZONE))
    answers(1, 1)
    assert satisfaction(today()).note == "November 2026: 5 answers."


@pytest.mark.parametrize(
    ("model", "facts"),
    [
        (Total, {"month": NOVEMBER, "score": 6}),
        (Total, {"month": NOVEMBER, "score": 0}),
        (Total, {"month": date(2026, 11, 2), "score": 1}),
        (Mark, {"month": date(2026, 11, 2), "mark": bytes(32)}),
    ],
)
def test_the_database_refuses(model, facts):
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(**facts)


def test_the_last_evening_of_a_month_is_of_that_month(clock):
    """In UTC the next one has begun."""
    clock.move_to(datetime(2026, 11, 30, 21, tzinfo=ZONE))
    giving.give(FERN, 4)
    assert Mark.objects.get().month == Total.objects.filter(answers=1).get().month == NOVEMBER

"""How long appeals take."""

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance.appeals import deciding
from compliance.appeals.kpis import resolution_time
from compliance.appeals.models import Appeal
from monitoring.kpis.days import today
from monitoring.kpis.registry import NotMeasured, TooFew

pytestmark = pytest.mark.django_db


def decide(appeal, bo, hours):
    deciding.grant(appeal.pk, staff=bo, version=1)
    Appeal.objects.filter(pk=appeal.pk).update(
        opened_at=timezone.now() - timedelta(hours=hours), decided_at=timezone.now()
    )


def test_it_works(appealed, ada, bo):
    for hours in (10, 20, 30, 40, 50):
        decide(appealed(ada), bo, hours)
    appealed(ada)  # open
    found = resolution_time(today())
    assert found.value == pytest.approx(30 * 3600, abs=5)
    assert found.parts[1].value == pytest.approx(46 * 3600, abs=5)


def test_none_is_nothing_and_few_are_too_few(appealed, ada, bo):
    with pytest.raises(NotMeasured, match="No appeal was decided"):
        resolution_time(today())
    decide(appealed(ada), bo, 10)
    with pytest.raises(TooFew):
        resolution_time(today())


def test_what_was_closed_without_a_decision_answers_nobody(appealed, ada, bo):
    for hours in (10, 20, 30, 40, 50):
        decide(appealed(ada), bo, hours)
    decide(closed := appealed(ada), bo, 5_000)
    Appeal.objects.filter(pk=closed.pk).update(state="moot")
    assert resolution_time(today()).parts[1].value == pytest.approx(46 * 3600, abs=5)

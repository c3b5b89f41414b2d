"""Acknowledge and withdraw: one person at a time looks after an alert, and it is said."""

from datetime import timedelta

import pytest

from monitoring.alerts import acknowledging
from monitoring.alerts.models import Acknowledgement, Alert, AlertEvent
from monitoring.alerts.signals import acknowledgement_changed
from monitoring.audit.models import Entry
from monitoring.refusals import Refusal
from tests.monitoring.alerts.conftest import START, alert

pytestmark = pytest.mark.django_db


@pytest.fixture
def firing(deliver, nothing_queued):
    deliver(alert(1))
    return Alert.objects.get()


def test_it_works(firing, staff):
    ada = staff("operator", username="ada")
    made = acknowledging.acknowledge(firing.pk, by=ada, comment=" On it ")
    assert (made.by, made.comment) == (ada, "On it")
    assert AlertEvent.objects.get(kind="acknowledged").by == ada
    assert Entry.objects.get().action == "alert.acknowledged"


def test_only_one_at_a_time(firing, staff):
    acknowledging.acknowledge(firing.pk, by=staff("operator", username="ada"))
    with pytest.raises(Refusal, match="ada has acknowledged it already"):
        acknowledging.acknowledge(firing.pk, by=staff("moderator"))
    assert Acknowledgement.objects.count() == 1


def test_withdrawn_and_taken_by_somebody_else(firing, staff):
    ada, bob = staff("operator", username="ada"), staff("moderator", username="bob")
    acknowledging.acknowledge(firing.pk, by=ada)
    held = acknowledging.withdraw(firing.pk, by=bob)
    assert held.withdrawn_by == bob
    acknowledging.acknowledge(firing.pk, by=bob)
    assert Acknowledgement.objects.open().get().by == bob
    with pytest.raises(Alert.DoesNotExist):
        acknowledging.acknowledge(0, by=bob)


def test_nothing_to_withdraw(firing, staff):
    with pytest.raises(Refusal):
        acknowledging.withdraw(firing.pk, by=staff("operator"))


def test_a_resolved_alert(firing, deliver, staff):
    deliver(alert(1, end=5))
    with pytest.raises(Refusal, match="resolved"):
        acknowledging.acknowledge(firing.pk, by=staff("operator"))


def test_it_ends_with_the_alert(firing, deliver, staff):
    """Months later the same alert wakes people again."""
    acknowledging.acknowledge(firing.pk, by=staff("operator"))
    deliver(alert(1, end=5), alert(1, start=START + timedelta(days=90)))
    later = Alert.objects.firing().get()
    assert not Acknowledgement.objects.open().filter(alert=later).exists()


def test_others_hear_of_it(firing, staff):
    heard = []

    def hear(sender, alert, acknowledgement, is_open, **_):
        heard.append((alert, is_open))

    acknowledgement_changed.connect(hear)
    try:
        person = staff("operator")
        acknowledging.acknowledge(firing.pk, by=person)
        acknowledging.withdraw(firing.pk, by=person)
    finally:
        acknowledgement_changed.disconnect(hear)
    assert heard == [(firing, True), (firing, False)]


def test_who_looked_after_it_is_done_when_it_is_over(firing, deliver, staff):
    made = acknowledging.acknowledge(firing.pk, by=staff("operator"))
    deliver(alert(1, end=5))
    made.refresh_from_db()
    assert made.ended_at is not None
    assert not Acknowledgement.objects.open().exists()

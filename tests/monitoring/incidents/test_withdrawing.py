"""Who withdraws an acknowledgement gives the incident back: somebody is told again."""

import pytest

from monitoring.alerts import acknowledging
from monitoring.alerts.models import Alert
from monitoring.incidents import moving
from monitoring.incidents.states import State
from tests.monitoring.alerts.conftest import alert
from tests.monitoring.incidents.conftest import texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def cy(person):
    return person("cy")


@pytest.fixture
def dee(person):
    return person("dee")


@pytest.fixture
def incident(clock, levels, deliver):
    """Of two alerts, a minute old."""
    found = deliver(alert(1), alert(2, instance="b"))
    clock.shift(60)
    return found


@pytest.fixture
def alerts(incident):
    return list(Alert.objects.order_by("fingerprint").values_list("pk", flat=True))


def state(incident):
    incident.refresh_from_db()
    return incident.state


def test_it_works(clock, incident, alerts, cy):
    acknowledging.acknowledge(alerts[0], by=cy)
    clock.shift(60)
    acknowledging.withdraw(alerts[0], by=cy)
    assert (state(incident), incident.round) == (State.OPEN, 2)
    assert incident.step_runs.filter(round=2, state="waiting").count() == 3
    assert "Open again: cy does not have it any more." in texts(incident)


def test_somebody_else_looks_after_another_alert(incident, alerts, cy, dee):
    acknowledging.acknowledge(alerts[0], by=cy)
    acknowledging.acknowledge(alerts[1], by=dee)
    acknowledging.withdraw(alerts[0], by=cy)
    assert state(incident) == State.ACKNOWLEDGED
    acknowledging.withdraw(alerts[1], by=dee)
    assert state(incident) == State.OPEN


def test_who_has_it_by_its_own_page_keeps_it(incident, alerts, cy, dee):
    moving.acknowledge(incident.pk, by=cy)
    acknowledging.acknowledge(alerts[1], by=dee)
    acknowledging.withdraw(alerts[1], by=dee)
    assert state(incident) == State.ACKNOWLEDGED


def test_who_has_it_by_its_own_page_gives_it_back_at_its_alerts(incident, alerts, cy):
    moving.acknowledge(incident.pk, by=cy)
    moving.acknowledge_alerts(incident.pk, by=cy)
    acknowledging.withdraw(alerts[0], by=cy)
    assert state(incident) == State.ACKNOWLEDGED
    acknowledging.withdraw(alerts[1], by=cy)
    assert state(incident) == State.OPEN


def test_what_was_withdrawn_before_the_last_answer_does_not_count(clock, incident, alerts, cy, dee):
    acknowledging.acknowledge(alerts[0], by=cy)
    acknowledging.withdraw(alerts[0], by=cy)
    clock.shift(60)
    moving.acknowledge(incident.pk, by=cy)
    acknowledging.acknowledge(alerts[1], by=dee)
    acknowledging.withdraw(alerts[1], by=dee)
    assert state(incident) == State.ACKNOWLEDGED


def test_a_mitigated_one_stays_mitigated(incident, alerts, cy):
    acknowledging.acknowledge(alerts[0], by=cy)
    moving.move(incident.pk, "mitigated", by=cy, reason="New token set.")
    acknowledging.withdraw(alerts[0], by=cy)
    assert state(incident) == State.MITIGATED

"""PagerDuty, where requests leave the machine."""

import pytest

from monitoring.delivery import sending
from monitoring.delivery.models import Message
from tests.monitoring.alerts.conftest import alert, deliver, nothing_queued
from tests.monitoring.alerts.servers import edge

pytestmark = pytest.mark.django_db


@pytest.fixture
def pagerduty(settings, nothing_queued):
    with edge() as found:
        settings.PAGERDUTY_KEY = "key"
        settings.PAGERDUTY_EVENTS_URL = f"{found.url}/v2/enqueue"
        yield found


def direct(deliver, *alerts):
    deliver(*alerts, source="direct")
    sending.send_due()


def test_it_triggers_and_resolves_one_incident(deliver, pagerduty):
    direct(deliver, alert(1))
    direct(deliver, alert(1, end=5))
    trigger, resolve = pagerduty.bodies()
    assert (trigger["event_action"], resolve["event_action"]) == ("trigger", "resolve")
    assert trigger["dedup_key"] == resolve["dedup_key"]
    assert (trigger["routing_key"], trigger["payload"]["severity"]) == ("key", "critical")


@pytest.mark.parametrize(("status", "state"), [(429, "waiting"), (500, "waiting"), (400, "failed")])
def test_it_refuses(deliver, pagerduty, status, state):
    pagerduty.answers = [(status, {}, {"Retry-After": "60"})]
    direct(deliver, alert(1))
    assert Message.objects.get(channel="pagerduty").state == state

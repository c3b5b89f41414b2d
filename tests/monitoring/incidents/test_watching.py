"""The escalation watches itself, and pings the outside only while nothing is late."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.utils import timezone

from monitoring.incidents import escalating, moving, watching
from monitoring.incidents.models import EscalationStepRun, Incident
from monitoring.metrics.families import DATABASE_GAUGES
from tests.monitoring.alerts.conftest import alert

pytestmark = pytest.mark.django_db


@pytest.fixture
def heartbeat(settings):
    """An outside monitor: the list of pings that it got."""
    pings = []

    class Outside(BaseHTTPRequestHandler):
        def do_GET(self):
            pings.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Outside)
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    settings.ESCALATION_HEARTBEAT_URL = f"http://127.0.0.1:{server.server_port}/beat"
    yield pings
    server.shutdown()


def gauge(name):
    ((_, value),) = DATABASE_GAUGES[name][2]()
    return value


def test_it_works(clock, post, levels, deliver, beat, heartbeat):
    deliver(alert(1))
    beat()
    assert watching.audit().is_clean
    assert heartbeat == ["/beat"]


def test_a_late_step_stops_the_heartbeat(clock, post, levels, deliver, heartbeat):
    deliver(alert(1))
    clock.shift(30)
    assert watching.audit().is_clean
    clock.shift(1)
    found = watching.audit()
    assert (found.late_steps, found.late_seconds) == (1, 31.0)
    assert len(heartbeat) == 1
    assert gauge("incident_escalation_late_seconds") == 31.0
    assert gauge("incident_escalation_late_steps") == 1.0


def test_one_that_was_done_late_is_still_told_of(clock, post, levels, deliver, beat, heartbeat):
    deliver(alert(1))
    clock.shift(45)
    beat()
    assert watching.audit().late_steps == 1
    clock.shift(61)
    assert watching.audit().is_clean
    assert len(heartbeat) == 1


def test_a_message_that_does_not_go_stops_it_too(clock, post, levels, deliver, heartbeat):
    deliver(alert(1))
    escalating.run_due()
    clock.shift(121)
    assert watching.audit().late_messages == 1
    assert heartbeat == []


def test_an_incident_that_reaches_nobody_stops_it(clock, levels, deliver, beat, heartbeat):
    """No way to anybody is set up, so every step is done and nobody knows."""
    deliver(alert(1))
    for _ in range(3):
        beat()
    assert watching.audit().unheard == 1
    assert heartbeat == []


def test_that_an_earlier_round_was_heard_helps_nobody_now(clock, levels, deliver, beat):
    deliver(alert(1))
    for _ in range(3):
        beat()
    incident = Incident.objects.get()
    incident.step_runs.update(state="done")
    assert watching.audit().unheard == 0
    Incident.objects.filter(pk=incident.pk).update(round=incident.round + 1)
    now = timezone.now()
    incident.step_runs.create(
        round=incident.round + 1, position=1, state="nobody", due_at=now, done_at=now
    )
    assert watching.audit().unheard == 1


def test_what_was_stopped_is_not_late(clock, levels, deliver, person, heartbeat):
    incident = deliver(alert(1))
    moving.acknowledge(incident.pk, by=person("cy"))
    clock.shift(3600)
    assert watching.audit().is_clean
    assert not EscalationStepRun.objects.filter(state="waiting").exists()


def test_a_heartbeat_that_nobody_takes_changes_nothing(clock, settings, db):
    settings.ESCALATION_HEARTBEAT_URL = "http://127.0.0.1:1/beat"
    assert watching.audit().is_clean

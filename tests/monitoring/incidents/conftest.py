"""Alerts that become incidents, people who can be told, and time that passes."""

import json
from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from monitoring.alerts import intake, payload
from monitoring.delivery import sending
from monitoring.incidents import opening, tasks
from monitoring.incidents.models import (
    EscalationPolicy,
    Incident,
    PolicyStep,
    Rota,
    Shift,
    StepKind,
)
from tests.monitoring.alerts.conftest import alert, webhook

NOW = alert()["startsAt"]


@pytest.fixture
def clock():
    """Time that stands still until it is moved: `clock.shift(60)`."""
    with time_machine.travel(datetime.fromisoformat(NOW), tick=False) as traveller:
        yield traveller


@pytest.fixture
def deliver(db):
    """What a webhook brings, and the look for incidents after it: `deliver(alert(1))`."""

    def take(*alerts, look=True):
        intake.take_in(payload.parse(json.dumps(webhook(*alerts)).encode()))
        if look:
            opening.take_up()
        return Incident.objects.order_by("-id").first()

    return take


@pytest.fixture
def post(settings):
    """A mail server that takes everything: `django.core.mail.outbox`."""
    settings.EMAIL_IS_SET_UP = True


@pytest.fixture
def person(staff):
    """Somebody who can be told by e-mail: `person("ada")`."""

    def make(name, role="operator", email=True):
        found = staff(role, username=name)
        found.email = f"{name}@example.org" if email else ""
        found.save(update_fields=["email"])
        return found

    return make


@pytest.fixture
def rota(person):
    """Ada is on call at the first level for a week around now, Bo at the second."""
    now = timezone.now()
    found = {}
    for position, (level, name) in enumerate((("First level", "ada"), ("Second level", "bo"))):
        one = Rota.objects.create(name=level, position=position)
        Shift.objects.create(
            rota=one,
            person=person(name),
            starts_at=now - timedelta(days=3),
            ends_at=now + timedelta(days=4),
        )
        found[level] = one
    return found


@pytest.fixture
def levels(rota):
    """First level at once, second after 5 minutes, everyone after 15."""
    made = EscalationPolicy.objects.create(name="Levels", is_default=True)
    PolicyStep.objects.create(
        policy=made,
        position=1,
        after_minutes=0,
        kind=StepKind.ON_CALL,
        rota=rota["First level"],
    )
    PolicyStep.objects.create(
        policy=made,
        position=2,
        after_minutes=5,
        kind=StepKind.ON_CALL,
        rota=rota["Second level"],
    )
    PolicyStep.objects.create(policy=made, position=3, after_minutes=15, kind=StepKind.EVERYONE)
    return made


@pytest.fixture
def beat():
    """What beat starts every 10 seconds."""

    def pulse():
        tasks.escalate()
        sending.send_due()

    return pulse


def texts(incident):
    """The timeline, oldest first."""
    return list(incident.timeline.order_by("at", "id").values_list("text", flat=True))

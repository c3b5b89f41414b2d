"""What one person may get by one way, whoever sends it: alerts and incidents count together."""

from datetime import timedelta

import pytest
from django.utils import timezone

from monitoring import policy
from monitoring.alerts.models import Alert
from monitoring.delivery import limits, transports
from monitoring.delivery import sending as engine
from monitoring.delivery.content import Sent
from monitoring.delivery.models import Message, State
from monitoring.incidents import escalating, opening

pytestmark = pytest.mark.django_db


@pytest.fixture
def alerts_told(deliver_alerts):
    """Ada got SMS about so many alerts: `alerts_told(3, minutes_ago=5)`."""

    def make(number, *, minutes_ago, target="ada", channel="sms"):
        at = timezone.now() - timedelta(minutes=minutes_ago)
        for alert in deliver_alerts(number):
            Message.objects.create(
                source="alerts",
                subject_id=alert.pk,
                channel=channel,
                target=target,
                state="sent",
                shown=1,
                sent_at=at,
            )

    return make


@pytest.fixture
def deliver_alerts():
    def make(number):
        done = Alert.objects.count()
        return [
            Alert.objects.create(
                fingerprint=f"{done + n}",
                name="High",
                severity="info",
                status="firing",
                starts_at=timezone.now(),
            )
            for n in range(number)
        ]

    return make


@pytest.fixture
def called(clock, levels, person, monkeypatch):
    """Ada is told of so many new incidents by SMS: returns how many SMS went just then."""
    gone = []

    def send(to, content, before):
        gone.append(to.person.username)
        return Sent()

    sms = transports.get("sms")
    monkeypatch.setattr(sms, "reaches", lambda person: True)
    monkeypatch.setattr(sms, "send", send)

    def call(number):
        before = len(gone)
        for n in range(number):
            opening.open_by_hand(
                by=person(f"by{Message.objects.count()}-{n}"), title="x", severity="critical"
            )
        escalating.run_due()
        engine.send_due()
        return gone[before:].count("ada")

    return call


def test_it_works(called):
    assert called(3) == 3
    assert limits.room("sms", "ada", timezone.now()) == 2


def test_sms_about_alerts_leave_less_for_incidents(alerts_told, called):
    alerts_told(3, minutes_ago=5)
    assert called(4) == 2  # one of its own, and a bundle of three
    assert limits.room("sms", "ada", timezone.now()) == 0


def test_who_has_had_enough_of_alerts_is_told_of_an_incident_later(alerts_told, called, clock):
    alerts_told(5, minutes_ago=5)
    assert called(1) == 0
    waiting = Message.objects.get(source="incidents", kind="bundle")
    assert waiting.state == State.WAITING
    assert waiting.not_before == timezone.now() + timedelta(minutes=10)
    clock.shift(600)
    assert engine.send_due() == 1


def test_sms_about_incidents_leave_less_for_alerts(called):
    called(4)
    assert limits.room("sms", "ada", timezone.now()) == 1
    called(3)
    assert limits.room("sms", "ada", timezone.now()) == 0
    assert limits.free_at("sms", "ada", timezone.now()) == timezone.now() + timedelta(minutes=15)


def test_what_waits_for_its_time_counts_then(called, alerts_told, clock):
    """A bundle of alerts that goes in ten minutes takes a place in ten minutes."""
    later = timezone.now() + timedelta(minutes=10)
    Message.objects.create(
        source="alerts", channel="sms", target="ada", kind="bundle", not_before=later
    )
    alerts_told(4, minutes_ago=0)
    assert called(1) == 0


@pytest.mark.parametrize(("target", "channel"), [("bo", "sms"), ("ada", "email")])
def test_another_person_and_another_way_have_limits_of_their_own(
    alerts_told, called, target, channel
):
    alerts_told(5, minutes_ago=5, target=target, channel=channel)
    assert called(5) == 5


def test_never_more_than_the_limits(alerts_told, called, clock):
    """Both rooms speak every four minutes for two hours."""
    times = []
    for _ in range(30):
        if limits.room("sms", "ada", timezone.now()):
            alerts_told(1, minutes_ago=0)
            times.append(timezone.now())
        times += [timezone.now()] * called(1)
        clock.shift(240)
    for most, span in policy.PERSON_MESSAGE_LIMITS:
        for moment in times:
            assert sum(moment - span < one <= moment for one in times) <= most
    assert len(times) > 10


@pytest.mark.parametrize(
    ("ages", "room"),
    [
        ([], 5),
        ([1] * 5, 0),
        ([16] * 5, 5),
        ([16] * 11, 0),
        ([61] * 11, 5),
        ([61] * 20, 1),
        ([61] * 21, 0),
        ([181] * 21, 5),
    ],
)
def test_by_age(ages, room):
    now = timezone.now()
    for number, minutes in enumerate(ages):
        at = now - timedelta(minutes=minutes)
        Message.objects.create(
            source="alerts",
            subject_id=number,
            channel="sms",
            target="ada",
            state="sent",
            shown=1,
            sent_at=at,
        )
    assert limits.room("sms", "ada", now) == room
    assert (limits.free_at("sms", "ada", now) == now) == (room > 0)

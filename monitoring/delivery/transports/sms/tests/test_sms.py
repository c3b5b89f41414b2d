"""SMS to persons, by apprise's plain JSON service in place of a company that sends them."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from monitoring.delivery import outbox, sending
from monitoring.delivery.models import Message
from tests.monitoring.alerts.conftest import alert, deliver, nothing_queued
from tests.monitoring.alerts.servers import edge

pytestmark = pytest.mark.django_db


@pytest.fixture
def sms(settings, nothing_queued):
    with edge() as found:
        settings.ALERT_SMS_URLS = {"ada": found.url.replace("http://", "json://")}
        yield found


def test_it_works(deliver, sms):
    deliver(alert(1))
    sending.send_due()
    assert "Discord bot is offline" in sms.bodies()[0]["message"]
    deliver(alert(1, end=5))
    sending.send_due()
    assert len(sms.asked) == 1  # nobody is woken to be told that it is over


def test_what_still_waits_when_it_is_over_does_not_go(deliver, sms):
    deliver(alert(1))
    deliver(alert(1, end=5))
    sending.send_due()
    assert sms.asked == []
    assert Message.objects.get(channel="sms").state == "dropped"


def test_five_in_a_quarter_of_an_hour_the_last_for_all_the_rest(deliver, sms):
    deliver(*(alert(n) for n in range(8)))
    sending.send_due()
    assert len(sms.asked) == 5
    assert "4 more alerts" in sms.bodies()[-1]["message"]
    deliver(alert(8), alert(9))
    sending.send_due()
    assert len(sms.asked) == 5
    later = Message.objects.get(kind="bundle", channel="sms", state="waiting")
    assert later.parts.count() == 2
    wait = later.not_before - timezone.now()
    assert timedelta(minutes=14) < wait <= timedelta(minutes=15)
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1)):
        sending.send_due()
    assert "2 more alerts" in sms.bodies()[-1]["message"]


def test_a_bundle_of_one_says_what_it_is(deliver, sms):
    deliver(*(alert(n) for n in range(5)))
    sending.send_due()
    assert len(sms.asked) == 5
    assert all("Discord bot is offline" in body["message"] for body in sms.bodies())


def test_a_service_that_apprise_does_not_know(settings, staff):
    settings.ALERT_SMS_URLS = {"ada": "nonsense://x"}
    made = outbox.test("sms", "ada", by=staff("operator"))
    sending.send_due()
    made.refresh_from_db()
    assert made.state == "failed"

"""E-mail, PagerDuty, SMS: what they send, which failures are tried again, and people's limits."""

import json
from datetime import timedelta

import pytest
import requests
from django.core import mail
from django.utils import timezone

from monitoring.alerts import delivering, limits, sending
from monitoring.alerts.models import Alert, Delivery
from tests.monitoring.alerts.conftest import START, alert
from tests.monitoring.alerts.servers import edge

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_workers(nothing_queued):
    """These tests deliver themselves."""


@pytest.fixture
def pagerduty(settings):
    with edge() as found:
        settings.PAGERDUTY_KEY = "key"
        settings.PAGERDUTY_EVENTS_URL = f"{found.url}/v2/enqueue"
        yield found


@pytest.fixture
def sms(settings):
    """apprise's plain JSON service in place of a company that sends SMS."""
    with edge() as found:
        settings.ALERT_SMS_URLS = {"ada": found.url.replace("http://", "json://")}
        yield found


@pytest.fixture
def slack(settings, monkeypatch):
    """Slack's own address, caught where the request would leave the process."""
    settings.SLACK_WEBHOOK_URL = f"https://hooks.slack.com/services/TAAAAAAAA/BBBBBBBBB/{24 * 'c'}"
    sent = []

    def leave(self, request, **_):
        sent.append((request.url, json.loads(request.body)))
        answer = requests.Response()
        answer.status_code, answer._content = 200, b"ok"
        answer.request, answer.url = request, request.url
        return answer

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", leave)
    return sent


def direct(deliver, *alerts):
    deliver(*alerts, source="direct")
    delivering.deliver_due()


def test_email(deliver, settings):
    settings.EMAIL_IS_SET_UP = True
    settings.ALERT_EMAILS = {"critical": ["ops-team@growmiesnj.com"]}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    direct(deliver, alert(1) | {"annotations": {"summary": "Bot\r\nBcc: x", "description": "Down"}})
    (sent,) = mail.outbox
    assert (sent.to, sent.from_email) == (["ops-team@growmiesnj.com"], "alerts@growmiesnj.com")
    assert sent.subject == "🔥 Bot Bcc: x (DiscordBotDown) [direct]"
    assert "Down" in sent.body and "/alerts/" in sent.body


def test_pagerduty_triggers_and_resolves_one_incident(deliver, pagerduty):
    direct(deliver, alert(1))
    direct(deliver, alert(1, end=5))
    trigger, resolve = pagerduty.bodies()
    assert (trigger["event_action"], resolve["event_action"]) == ("trigger", "resolve")
    assert trigger["dedup_key"] == resolve["dedup_key"]
    assert (trigger["routing_key"], trigger["payload"]["severity"]) == ("key", "critical")


@pytest.mark.parametrize(("status", "state"), [(429, "waiting"), (500, "waiting"), (400, "failed")])
def test_pagerduty_refuses(deliver, pagerduty, status, state):
    pagerduty.answers = [(status, {}, {"Retry-After": "60"})]
    direct(deliver, alert(1))
    delivery = Delivery.objects.get(channel="pagerduty")
    assert delivery.state == state


def test_sms(deliver, sms):
    deliver(alert(1))
    delivering.deliver_due()
    assert "Discord bot is offline" in sms.bodies()[0]["message"]
    deliver(alert(1, end=5))
    delivering.deliver_due()
    assert len(sms.asked) == 1  # nobody is woken to be told that it is over


def test_a_person_gets_five_in_a_quarter_of_an_hour(deliver, sms):
    deliver(*(alert(n) for n in range(8)))
    delivering.deliver_due()
    assert len(sms.asked) == 5
    bundle = Delivery.objects.get(kind="bundle", channel="sms")
    assert bundle.parts.count() == 3
    wait = bundle.not_before - timezone.now()
    assert timedelta(minutes=14) < wait <= timedelta(minutes=15)
    Delivery.objects.filter(channel="sms").update(not_before=timezone.now())
    delivering.deliver_due()
    assert "3 more alerts" in sms.bodies()[-1]["message"]


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
def test_limits(ages, room, deliver):
    now = timezone.now()
    if ages:
        deliver(*(alert(n, severity="info", start=START) for n in range(len(ages))))
    for row, minutes in zip(Alert.objects.all(), ages, strict=True):
        at = now - timedelta(minutes=minutes)
        Delivery.objects.create(
            alert=row, channel="sms", target="ada", state="sent", shown=1, sent_at=at
        )
    assert limits.room("sms", "ada", now) == room
    assert (limits.free_at("sms", "ada", now) == now) == (room > 0)


def test_slack(deliver, settings, slack):
    direct(deliver, alert(1))
    ((url, body),) = slack
    assert url == settings.SLACK_WEBHOOK_URL
    assert "direct" in json.dumps(body) and "/alerts/" in json.dumps(body)
    assert Delivery.objects.get(channel="slack").state == "sent"


def test_a_service_that_apprise_does_not_know(settings, staff):
    settings.ALERT_SMS_URLS = {"ada": "nonsense://x"}
    made = sending.test("sms", "ada", by=staff("operator"))
    delivering.deliver_due()
    made.refresh_from_db()
    assert made.state == "failed"

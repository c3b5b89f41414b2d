"""The application's own alerts: through Alertmanager, or past it when it is away, once."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from monitoring.alerts import raising
from monitoring.alerts.models import Alert, AlertEvent, Raised
from monitoring.delivery import sending as engine
from monitoring.delivery.models import Message
from tests.monitoring.alerts.conftest import alert

pytestmark = pytest.mark.django_db
KIND = raising.Kind("SomethingWrong", "critical", "compliance")


@pytest.fixture(autouse=True)
def no_workers(nothing_queued):
    """These tests send themselves."""


def posted(alertmanager):
    return [one for body in alertmanager.bodies() for one in body]


def test_it_works(alertmanager):
    raising.raise_alert(KIND, summary="Wrong")
    raising.send_all()
    raising.send_all()
    first, second = posted(alertmanager)
    assert first["labels"] == {
        "alertname": "SomethingWrong",
        "severity": "critical",
        "service": "compliance",
    }
    assert first["annotations"]["runbook_url"] == "docs/runbooks/SomethingWrong.md"
    assert first["startsAt"] == second["startsAt"]
    assert second["endsAt"] > first["endsAt"]
    assert not Alert.objects.exists()  # it comes by the webhook, as every alert does


def test_its_end_is_sent_once(alertmanager):
    raising.raise_alert(KIND, summary="Wrong")
    raising.send_all()
    assert raising.lower(KIND)
    raising.send_all()
    raising.send_all()
    assert len(posted(alertmanager)) == 2
    assert not raising.lower(KIND)


def test_it_ends_by_itself(alertmanager):
    raising.raise_alert(KIND, summary="Wrong", until=timezone.now() + timedelta(hours=1))
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        raising.send_all()
    assert Raised.objects.get().end_sent_at is not None


def test_the_same_again_is_one(alertmanager):
    for _ in range(2):
        raising.raise_alert(KIND, summary="Wrong")
    assert Raised.objects.count() == 1


def test_alertmanager_is_away(settings, discord):
    settings.ALERTMANAGER_URL = "http://127.0.0.1:9"
    settings.ALERT_EMAIL_CRITICAL = ["ops-team@growmiesnj.com"]
    raising.raise_alert(KIND, summary="Wrong")
    raising.send_all()
    raising.send_all()
    found = Alert.objects.get()
    assert (found.source, found.severity, found.status) == ("direct", "critical", "firing")
    assert {d.channel for d in Message.objects.filter(is_direct=True)} == {"discord", "email"}
    engine.send_due()
    embed = discord.bodies()[0]["embeds"][0]
    assert embed["footer"]["text"].endswith("direct, past Alertmanager")


def test_it_is_not_sent_twice_when_alertmanager_is_back(settings, discord, alertmanager):
    back, settings.ALERTMANAGER_URL = settings.ALERTMANAGER_URL, "http://127.0.0.1:9"
    raising.raise_alert(KIND, summary="Wrong")
    raising.send_all()
    engine.send_due()
    settings.ALERTMANAGER_URL = back
    raising.send_all()
    assert posted(alertmanager) == []
    raising.lower(KIND)
    raising.send_all()
    engine.send_due()
    assert Alert.objects.get().status == "resolved"
    assert [method for method, *_ in discord.asked] == ["POST", "PATCH"]
    assert AlertEvent.objects.filter(kind="fired").count() == 1


def test_a_warning_waits_for_alertmanager(settings, alertmanager):
    back, settings.ALERTMANAGER_URL = settings.ALERTMANAGER_URL, "http://127.0.0.1:9"
    raising.raise_alert(raising.Kind("Odd", "warning", "x"), summary="Odd")
    raising.send_all()
    assert not Alert.objects.exists()
    settings.ALERTMANAGER_URL = back
    raising.send_all()
    assert len(posted(alertmanager)) == 1


def test_alertmanager_took_it_and_went_away(settings, alertmanager):
    """It may have died before it told anybody; when it did tell, the webhook was here."""
    raising.raise_alert(KIND, summary="Wrong")
    raising.send_all()
    settings.ALERTMANAGER_URL = "http://127.0.0.1:9"
    raising.send_all()
    assert not Alert.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(seconds=40)):
        raising.send_all()
    assert Alert.objects.get().source == "direct"


def test_the_webhook_brings_the_same_row(settings, deliver):
    """Our fingerprint and start are Alertmanager's: by any way, one alert is one row."""
    settings.ALERTMANAGER_URL = "http://127.0.0.1:9"
    row = raising.raise_alert(KIND, summary="Wrong")
    raising.send_all()
    one = alert(1, start=row.starts_at) | {"fingerprint": row.fingerprint}
    assert deliver(one) == 0
    assert Alert.objects.get().received_count == 2


def test_break_glass_raises_a_critical_alert(alertmanager, capsys):
    call_command("break_glass", "help")
    raising.send_all()
    (one,) = posted(alertmanager)
    assert one["labels"] == {
        "alertname": "BreakGlassUsed",
        "severity": "critical",
        "service": "access",
        "staff": "help",
    }

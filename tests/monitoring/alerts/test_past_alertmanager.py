"""While Alertmanager is away, Prometheus is asked for what is critical; and the watch over the
dead man's switch."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from monitoring import policy
from monitoring.alerts import fingerprints, outage, reconciling
from monitoring.alerts.models import Alert, AlertEvent, Raised
from monitoring.delivery.models import Message
from tests.monitoring.alerts.conftest import START, alert
from tests.monitoring.alerts.servers import edge

pytestmark = pytest.mark.django_db
LABELS = {"alertname": "DiscordBotDown", "severity": "critical", "service": "bot"}


@pytest.fixture(autouse=True)
def no_workers(nothing_queued):
    """These tests compare themselves."""


@pytest.fixture
def prometheus(settings):
    with edge() as found:
        settings.PROMETHEUS_URL = found.url
        fires(found, LABELS, LABELS | {"alertname": "Odd", "severity": "warning"})
        yield found


def fires(prometheus, *labels):
    alerts = [
        {
            "labels": one,
            "annotations": {"summary": "Down"},
            "state": "firing",
            "activeAt": START.isoformat(),
        }
        for one in labels
    ]
    prometheus.usual["/api/v1/alerts"] = {"status": "success", "data": {"alerts": alerts}}


def away_for(settings, seconds):
    settings.ALERTMANAGER_URL = "http://127.0.0.1:9"
    with time_machine.travel(timezone.now() - timedelta(seconds=seconds)):
        outage.began()


def test_it_works(settings, prometheus, discord):
    away_for(settings, 31)
    reconciling.reconcile()
    reconciling.reconcile()
    found = Alert.objects.get()
    assert (found.name, found.source) == ("DiscordBotDown", "direct")
    assert Message.objects.get(channel="discord").is_direct
    fires(prometheus)
    reconciling.reconcile()
    assert Alert.objects.get().status == "resolved"


def test_not_at_the_first_missing_answer(settings, prometheus):
    settings.ALERTMANAGER_URL = "http://127.0.0.1:9"
    reconciling.reconcile()
    assert not Alert.objects.exists()


def test_alertmanager_brings_it_later_with_its_own_start(settings, prometheus, deliver):
    away_for(settings, 31)
    reconciling.reconcile()
    one = alert(1, start=START + timedelta(minutes=2)) | {"fingerprint": fingerprints.of(LABELS)}
    assert deliver(one) == 0
    found = Alert.objects.get()
    assert (found.source, found.starts_at) == ("alertmanager", START + timedelta(minutes=2))
    kinds = AlertEvent.objects.order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["fired", "adopted"]


def test_prometheus_is_away_too(settings):
    settings.PROMETHEUS_URL = "http://127.0.0.1:9"
    away_for(settings, 31)
    reconciling.reconcile()
    assert not Alert.objects.exists()


@pytest.fixture
def forgotten(prometheus, alertmanager, deliver):
    """It fires with us, Alertmanager has not known it for 45 seconds."""
    deliver(alert(1, **LABELS) | {"fingerprint": fingerprints.of(LABELS)})
    reconciling.reconcile()
    with time_machine.travel(timezone.now() + policy.ALERT_DENIED_AFTER * 1.1):
        yield prometheus


def rules(prometheus, *names, active=()):
    found = [
        {"name": name, "alerts": [{"labels": one} for one in active if one["alertname"] == name]}
        for name in names
    ]
    data = {"groups": [{"rules": found}]}
    prometheus.usual["/api/v1/rules"] = {"status": "success", "data": data}


def test_what_neither_of_them_knows_any_more_is_over(forgotten):
    rules(forgotten, "DiscordBotDown", "Other")
    reconciling.reconcile()
    assert Alert.objects.get().status == "resolved"
    assert AlertEvent.objects.filter(kind="vanished").count() == 1


def test_what_its_rule_still_says_goes_on(forgotten):
    rules(forgotten, "DiscordBotDown", active=[LABELS])
    reconciling.reconcile()
    assert Alert.objects.get().status == "firing"


def test_what_has_no_rule_waits_the_whole_time(forgotten):
    rules(forgotten, "Other")
    reconciling.reconcile()
    assert Alert.objects.get().status == "firing"
    with time_machine.travel(timezone.now() + policy.ALERT_VANISHED_AFTER * 1.1):
        reconciling.reconcile()
    assert Alert.objects.get().status == "resolved"


def test_the_rules_do_not_answer(forgotten, settings):
    settings.PROMETHEUS_URL = "http://127.0.0.1:9"
    reconciling.reconcile()
    assert Alert.objects.get().status == "firing"


def test_the_watchdog_is_silent_and_comes_again(alertmanager, deliver):
    watchdog = alert(9, alertname="Watchdog", severity="none")
    alertmanager.usual["/api/v2/alerts"] = [
        {
            "fingerprint": f"{9:016x}",
            "startsAt": START.isoformat(),
            "labels": watchdog["labels"],
            "status": {"silencedBy": []},
        }
    ]
    deliver(watchdog)
    reconciling.reconcile()
    assert not Raised.objects.exists()
    with time_machine.travel(timezone.now() + policy.WATCHDOG_SILENT_AFTER * 1.1):
        reconciling.reconcile()
        raised = Raised.objects.get()
        assert (raised.labels["alertname"], raised.ended_at) == ("MonitoringSilent", None)
        deliver(watchdog)
        reconciling.reconcile()
    assert Raised.objects.get().ended_at is not None


def test_a_stack_that_was_down_is_given_time_to_hear_the_watchdog(
    alertmanager, deliver, monkeypatch
):
    monkeypatch.setattr(reconciling, "STARTED", timezone.now())
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        deliver(alert(9, alertname="Watchdog", severity="none"))
    reconciling.reconcile()
    assert not Raised.objects.exists()
    with time_machine.travel(timezone.now() + policy.WATCHDOG_SILENT_AFTER * 1.1):
        reconciling.reconcile()
    assert Raised.objects.exists()


def test_without_a_watchdog_nothing_is_missed(alertmanager):
    reconciling.reconcile()
    assert not Raised.objects.exists()


def test_what_is_only_pending_is_not_taken_in(settings, prometheus):
    away_for(settings, 31)
    for one in prometheus.usual["/api/v1/alerts"]["data"]["alerts"]:
        one["state"] = "pending"
    reconciling.reconcile()
    assert not Alert.objects.exists()

"""With Debian's Alertmanager itself: what we raise comes back by its webhook, silences hold."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from monitoring.alerts import (
    alertmanager,
    fingerprints,
    raising,
    reconciling,
    silencing,
)
from monitoring.alerts.alertmanager import AlertmanagerUnavailable
from monitoring.alerts.models import Alert, AlertEvent
from monitoring.audit.models import Entry
from monitoring.refusals import Refusal
from tests.monitoring.alerts.alertmanagers import (  # noqa: F401 - a fixture
    KIND,
    raised,
    server,
    the_alert,
)
from tests.running import eventually

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_works(server):
    row = raised()
    found = the_alert()
    assert (found.fingerprint, found.starts_at) == (row.fingerprint, row.starts_at)
    assert (found.source, found.status, found.summary) == ("alertmanager", "firing", "Wrong")
    raising.lower(KIND, labels={"instance": "a b ü"})
    raising.send_all()
    eventually(lambda: the_alert().status == "resolved", within_seconds=20)
    kinds = AlertEvent.objects.order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["fired", "resolved"]


def test_our_fingerprints_are_its_fingerprints(server):
    labels = {"alertname": "X", "z": "ü €", "a": "", "b_c": "1"}
    alertmanager.send([{"labels": labels, "startsAt": alertmanager.rfc3339(timezone.now())}])
    known = eventually(alertmanager.alerts, within_seconds=10)
    kept = {name: value for name, value in labels.items() if value}
    assert [one.fingerprint for one in known] == [fingerprints.of(kept)]


def test_a_silence(server, staff):
    raised()
    ada = staff("operator", username="ada")
    until = timezone.now() + timedelta(hours=1)
    silence_id = silencing.silence(the_alert().pk, by=ada, until=until, comment="Known")
    (found,) = alertmanager.silences()
    assert (found.id, found.created_by, found.comment) == (silence_id, "ada", "Known")
    assert found.state == "active"
    labels = {m.name: m.value for m in found.matchers}
    assert labels == {name: the_alert().labels[name] for name in labels} and labels
    assert the_alert().is_silenced
    silencing.expire(silence_id, by=ada)
    assert [one.state for one in alertmanager.silences()] == ["expired"]
    reconciling.reconcile()
    assert not the_alert().is_silenced
    actions = Entry.objects.order_by("id").values_list("action", flat=True)
    assert [a for a in actions if a.startswith("alert.silence")] == [
        "alert.silenced",
        "alert.silence_ended",
    ]
    with pytest.raises(Refusal, match="not ended"):
        silencing.expire("5b0c1a9e-0000-4000-8000-000000000001", by=ada)


def test_a_silence_made_elsewhere_is_seen(server):
    raised()
    alertmanager.add_silence(
        [alertmanager.Matcher("alertname", "Some.*", is_regex=True)],
        until=timezone.now() + timedelta(hours=1),
        created_by="amtool",
        comment="elsewhere",
    )
    eventually(lambda: reconciling.reconcile() or the_alert().is_silenced, within_seconds=10)
    assert AlertEvent.objects.filter(kind="silenced", by=None).count() == 1


def test_a_wrong_password_is_said(server, settings):
    settings.ALERTMANAGER_PASSWORD = "another"
    for act in (alertmanager.alerts, alertmanager.silences):
        with pytest.raises(AlertmanagerUnavailable, match="refuses the site's password"):
            act()


def test_what_it_lost_is_over_after_a_while(server):
    """Killed, it forgets what fires; and then no end ever comes by the webhook."""
    raised()
    server.stop()
    server.start()
    reconciling.reconcile()
    assert the_alert().missing_since is not None
    long_ago = timezone.now() - timedelta(minutes=6)
    Alert.objects.update(missing_since=long_ago)
    reconciling.reconcile()
    assert (the_alert().status, the_alert().ends_at) == (
        "resolved",
        max(long_ago, the_alert().starts_at),
    )
    assert AlertEvent.objects.filter(kind="vanished").count() == 1


def test_what_fires_after_all_is_reopened(server):
    raised()
    now = timezone.now()
    Alert.objects.update(
        status="resolved", ends_at=now, last_received_at=now - timedelta(minutes=2)
    )
    reconciling.reconcile()
    assert the_alert().status == "firing"
    assert AlertEvent.objects.filter(kind="reopened").count() == 1


def test_it_is_away_and_comes_back(server):
    """The critical alert goes past it, once; when it is back nothing is told again."""
    server.stop()
    raising.raise_alert(KIND, summary="Wrong")
    raising.send_all()
    assert the_alert().source == "direct"
    server.start()
    raising.send_all()
    time.sleep(1)
    assert alertmanager.alerts() == []
    assert Alert.objects.count() == 1
    reconciling.reconcile()
    assert the_alert().missing_since is None
    raising.lower(KIND)
    raising.send_all()
    assert the_alert().status == "resolved"

"""A silence that was not made here is seen, audited and marked; a wide or long one is told of."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from monitoring import policy
from monitoring.alerts import alertmanager, elsewhere, raising, reconciling, silencing
from monitoring.alerts.alertmanager import Matcher, Silence
from monitoring.alerts.models import Alert, KnownSilence, Raised
from monitoring.alerts.telling import messages_about
from monitoring.audit.models import Entry
from monitoring.maintenance import registry
from tests.monitoring.alerts.alertmanagers import raised, server, the_alert
from tests.monitoring.alerts.conftest import alert
from tests.pages import in_one_line
from tests.running import eventually

__all__ = ["server"]
pytestmark = pytest.mark.django_db(transaction=True)
EVERYTHING = [{"name": "alertname", "value": ".+", "isRegex": True}]
NARROW = [{"name": "alertname", "value": "SomethingWrong", "isRegex": False}]


def post(server, matchers=EVERYTHING, *, days=1.0, by="operator", **more):
    """A silence made past the site; its id."""
    now = datetime.now(UTC)
    body = {
        "matchers": matchers,
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(days=days)).isoformat(),
        "createdBy": by,
        "comment": "nothing to see",
        **more,
    }
    answer = server.ask("POST", "/api/v2/silences", json=body)
    assert answer.is_success, answer.text
    return answer.json()["silenceID"]


def look():
    """What the worker does every 30 seconds, and what follows at once."""
    reconciling.reconcile()
    raising.send_all()


def entries():
    return list(
        Entry.objects.filter(action__startswith="alert.silence")
        .order_by("id")
        .values_list("action", "actor_type", "severity")
    )


def told():
    return Alert.objects.firing().filter(name="SilencedElsewhere")


SEEN = ("alert.silenced_elsewhere", "system", "warning")
PROLONGED = ("alert.silence_prolonged_elsewhere", "system", "warning")


def test_it_works(server, sign_in, staff, discord):
    """Everything until 2099, as if by the operator."""
    silence_id = post(server, days=365 * 73)
    look()
    look()
    assert entries() == [SEEN]
    found = Entry.objects.get(action="alert.silenced_elsewhere").data
    assert (found["silence"], found["says_by"]) == (silence_id, "operator")
    assert found["matchers"] == 'alertname=~".+"'
    row = KnownSilence.objects.get()
    assert (row.silence_id, row.origin, row.made_by) == (silence_id, "elsewhere", None)
    alert = told().get()
    assert (alert.source, alert.severity, alert.is_silenced) == ("direct", "critical", False)
    assert alertmanager.alerts() == []  # it was never there, where the silence would hold it
    assert "it may cover all" in alert.description
    assert "+00:00. It was not made on the site" in alert.description
    assert messages_about(alert).filter(channel="discord", is_direct=True).exists()

    operator = sign_in(staff("operator"))
    page = operator.get(f"/alerts/{alert.pk}/").content.decode()
    assert "</time>. It was not made on the site" in page
    page = in_one_line(operator.get("/alerts/silences/"))
    assert "made elsewhere" in page
    assert "says it is by “operator”" in page
    operator.post(f"/alerts/silences/{silence_id}/end/")
    assert [one.state for one in alertmanager.silences()] == ["expired"]
    assert entries() == [SEEN, ("alert.silence_ended", "staff", "info")]
    look()
    assert not told().exists()
    assert Raised.objects.get().ended_at is not None


def test_it_is_seen_within_a_minute():
    assert timedelta(seconds=30) >= policy.ALERT_RECONCILE_EVERY
    (pulse,) = [one for one in registry.all_pulses() if one.name == "alerts.reconcile"]
    assert pulse.every == policy.ALERT_RECONCILE_EVERY


def test_one_that_is_ours_is_not_elsewhere(server, sign_in, staff):
    raised()
    ada = staff("operator", username="ada")
    until = timezone.now() + policy.SILENCE_AT_MOST
    silencing.silence(the_alert().pk, by=ada, until=until)
    look()
    assert entries() == [("alert.silenced", "staff", "info")]
    assert KnownSilence.objects.get().made_by == ada
    assert not told().exists()
    page = sign_in(ada).get("/alerts/silences/").content.decode()
    assert "made elsewhere" not in page
    assert "says it is by" not in page


def test_a_narrow_short_one_is_marked_and_wakes_nobody(server):
    post(server, NARROW, days=6.9)
    look()
    assert entries() == [SEEN]
    assert not Raised.objects.exists()


def test_a_long_one_is_told_of(server):
    post(server, NARROW, days=7.1)
    look()
    assert "more than 7 days" in told().get().description


def test_one_over_the_watchdog_is_told_of(server):
    now = alertmanager.rfc3339(timezone.now())
    watchdog = {"labels": {"alertname": "Watchdog", "severity": "none"}, "startsAt": now}
    alertmanager.send([watchdog])
    eventually(alertmanager.alerts, within_seconds=20)
    post(server, [{"name": "alertname", "value": "Watchdog|WebDown", "isRegex": True}])
    eventually(lambda: alertmanager.alerts()[0].is_silenced, within_seconds=20)
    look()
    assert "covers Watchdog" in told().get().description


def test_it_does_not_hold_back_that_monitoring_is_silent(server, deliver, discord):
    deliver(alert(9, alertname="Watchdog", severity="none"))
    post(server)
    with time_machine.travel(timezone.now() + policy.WATCHDOG_SILENT_AFTER * 1.1):
        look()
    silent = Alert.objects.firing().get(name="MonitoringSilent")
    assert (silent.source, silent.severity, silent.is_silenced) == ("direct", "critical", False)
    assert alertmanager.alerts() == []
    assert messages_about(silent).filter(channel="discord", is_direct=True).exists()


def test_one_that_has_ended_before_anybody_looked_is_audited(server):
    silence_id = post(server)
    assert server.ask("DELETE", f"/api/v2/silence/{silence_id}").is_success
    look()
    assert entries() == [SEEN]
    assert not Raised.objects.exists()


def test_ours_prolonged_elsewhere_under_its_id(server, sign_in, staff):
    raised()
    ada = staff("operator", username="ada")
    hour = timezone.now() + timedelta(hours=1)
    silence_id = silencing.silence(the_alert().pk, by=ada, until=hour)
    (ours,) = server.ask("GET", "/api/v2/silences").json()
    same = post(server, ours["matchers"], days=900, id=silence_id, startsAt=ours["startsAt"])
    assert same == silence_id
    look()
    look()
    assert entries()[1:] == [PROLONGED]
    assert KnownSilence.objects.get().origin == "changed"
    assert "more than 7 days" in told().get().description
    page = sign_in(ada).get("/alerts/silences/").content.decode()
    assert "prolonged elsewhere" in page


def test_ours_changed_elsewhere_gets_a_new_id(server, staff):
    raised()
    hour = timezone.now() + timedelta(hours=1)
    silence_id = silencing.silence(the_alert().pk, by=staff("operator", username="ada"), until=hour)
    assert post(server, EVERYTHING, id=silence_id, by="ada") != silence_id
    look()
    assert entries()[1:] == [SEEN]
    assert told().count() == 1


def test_a_harmless_one_that_is_prolonged_is_audited_again(server):
    silence_id = post(server, NARROW)
    look()
    (found,) = server.ask("GET", "/api/v2/silences").json()
    post(server, NARROW, days=900, id=silence_id, startsAt=found["startsAt"])
    look()
    assert entries() == [SEEN, PROLONGED]
    assert told().count() == 1


def test_the_furthest_end(server, sign_in, staff):
    """No date that Alertmanager takes stops the look."""
    post(server, endsAt="9999-12-26T23:59:59Z")
    look()
    assert told().count() == 1
    assert sign_in(staff("operator")).get("/alerts/silences/").status_code == 200


def test_while_alertmanager_is_away_nothing_is_forgotten(server):
    post(server)
    look()
    server.stop()
    look()
    assert told().count() == 1


@pytest.mark.parametrize(
    "matchers",
    [
        [("alertname", ".+", True, True)],
        [("alertname", ".*", True, True), ("severity", "critical", False, True)],
        [("alertname", "[A-Z].*", True, True)],
        [("alertname", "(?i)[a-z]+", True, True)],
        [("alertname", "Web.*|.*", True, True)],
        [("alertname", "Web|", True, True)],
        [("alertname", "(a+)+$" * 50, True, True)],
        [("alertname", "nothing", False, False)],
        [("alertname", "nothing", True, False)],
        [("severity", "critical", False, True)],
        [("severity", "critical|warning", True, True)],
        [("instance", "", False, True)],
    ],
    ids=str,
)
def test_what_covers_everything(matchers):
    assert elsewhere.covers_everything(silence_of(matchers))


@pytest.mark.parametrize(
    "matchers",
    [
        [("alertname", "DiskWillFill", False, True)],
        [("alertname", "Disk.*", True, True)],
        [("alertname", "WebDown|BotDown", True, True)],
        [("alertname", ".+", True, True), ("instance", "host:9100", False, True)],
        [("service", "discord-bot", False, True), ("severity", "warning", False, True)],
    ],
    ids=str,
)
def test_what_names_something(matchers):
    assert not elsewhere.covers_everything(silence_of(matchers))


def silence_of(matchers):
    now = timezone.now()
    return Silence("1", tuple(Matcher(*one) for one in matchers), now, now, "", "", "active")


@pytest.mark.parametrize(("origin", "is_ours"), [("here", False), ("elsewhere", True)])
def test_the_database_knows_that_ours_have_a_maker(staff, origin, is_ours):
    made_by = staff("operator") if is_ours else None
    with pytest.raises(IntegrityError, match="silence_made_here_by_somebody"), transaction.atomic():
        KnownSilence.objects.create(
            silence_id="1", origin=origin, made_by=made_by, ends_at=timezone.now()
        )

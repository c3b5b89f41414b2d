"""Critical alerts open incidents, one for the alerts of one cause."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from monitoring import policy
from monitoring.alerts.models import Acknowledgement, Alert
from monitoring.audit.models import Entry
from monitoring.incidents import moving, opening
from monitoring.incidents.models import Incident, IncidentAlert, Origin
from monitoring.incidents.states import State
from monitoring.refusals import Refusal
from tests.monitoring.alerts.conftest import START, alert
from tests.monitoring.incidents.conftest import texts

pytestmark = pytest.mark.django_db


def test_it_works(clock, deliver):
    incident = deliver(alert(1))
    assert (incident.title, incident.state, incident.origin, incident.severity) == (
        "Discord bot is offline",
        State.OPEN,
        Origin.ALERT,
        "critical",
    )
    assert "DiscordBotDown fired, critical" in texts(incident)
    assert Entry.objects.get(action="incident.opened").target_id == str(incident.pk)


def test_many_alerts_of_one_cause_are_one_incident(clock, deliver):
    deliver(*(alert(number, instance=f"host{number}") for number in range(1, 2501)))
    incident = Incident.objects.get()
    assert incident.links.count() == 2500
    assert incident.timeline.count() < 10
    deliver(alert(9999, instance="another"))
    assert Incident.objects.count() == 1


def test_other_alerts_are_other_incidents(clock, deliver):
    deliver(alert(1), alert(2, alertname="WebDown", service="web"))
    assert Incident.objects.count() == 2


def test_a_rule_can_say_that_they_belong_together(clock, deliver):
    deliver(alert(1, incident="network"), alert(2, alertname="WebDown", incident="network"))
    assert Incident.objects.get().links.count() == 2


def test_warnings_open_nothing(clock, deliver):
    assert deliver(alert(1, severity="warning")) is None


def test_to_look_twice_changes_nothing(clock, deliver):
    deliver(alert(1))
    before = Incident.objects.get(), IncidentAlert.objects.count(), Entry.objects.count()
    assert opening.take_up() == 0
    assert (Incident.objects.get(), IncidentAlert.objects.count(), Entry.objects.count()) == before


def test_silenced_ones_open_nothing(clock, deliver):
    deliver(alert(1), look=False)
    Alert.objects.update(is_silenced=True)
    assert opening.take_up() == 0
    Alert.objects.update(is_silenced=False)
    assert opening.take_up() == 1


@pytest.mark.django_db(transaction=True)
def test_the_signal_opens_it_after_the_commit(deliver):
    deliver(alert(1), look=False)
    assert Incident.objects.get().links.count() == 1


def test_it_ends_with_its_alerts(clock, deliver):
    incident = deliver(alert(1), alert(2, instance="b"))
    clock.shift(600)
    deliver(alert(1, end=5))
    incident.refresh_from_db()
    assert incident.state == State.OPEN
    deliver(alert(2, end=8, instance="b"))
    incident.refresh_from_db()
    assert incident.state == State.RESOLVED
    assert incident.resolved_at == START + timedelta(minutes=8)
    assert "Resolved: all its alerts are resolved" in texts(incident)


def test_what_fires_again_soon_opens_it_again(clock, deliver, levels):
    deliver(alert(1))
    clock.shift(600)
    incident = deliver(alert(1, end=5))
    clock.shift(policy.INCIDENT_REJOIN - timedelta(minutes=10))
    again = deliver(alert(1, start=START + timedelta(minutes=28)))
    assert again == incident
    assert (again.state, again.round, again.resolved_at) == (State.OPEN, 2, None)
    assert again.step_runs.filter(round=2, state="waiting").count() == 3


def test_what_fires_again_late_is_another_incident(clock, deliver):
    deliver(alert(1))
    clock.shift(600)
    first = deliver(alert(1, end=5))
    clock.shift(policy.INCIDENT_REJOIN)
    second = deliver(alert(1, start=START + timedelta(minutes=39)))
    assert second.pk > first.pk


def test_a_reviewed_one_does_not_open_again(clock, deliver, person):
    deliver(alert(1))
    clock.shift(600)
    first = deliver(alert(1, end=5))
    moving.move(first.pk, "closed", by=person("ada"), reason="A token had expired.")
    assert deliver(alert(1, start=START + timedelta(minutes=9))).pk > first.pk


def test_an_older_one_is_not_reopened_beside_it(clock, deliver, person):
    deliver(alert(1))
    clock.shift(600)
    first = deliver(alert(1, end=5))
    clock.shift(policy.INCIDENT_REJOIN)
    second = deliver(alert(1, start=START + timedelta(minutes=39)))
    with pytest.raises(Refusal, match=f"INC-{second.pk} is open for it already"):
        moving.move(first.pk, "acknowledged", by=person("ada"), reason="It goes on.")
    first.refresh_from_db()
    assert first.state == State.RESOLVED
    assert "Taken up again: It goes on." not in texts(first)


def test_an_acknowledged_alert_pages_nobody(clock, deliver, person, levels):
    deliver(alert(1), look=False)
    ada = person("cy")
    Acknowledgement.objects.create(alert=Alert.objects.get(), by=ada, comment="I know")
    opening.take_up()
    incident = Incident.objects.get()
    assert (incident.state, incident.acknowledged_by) == (State.ACKNOWLEDGED, ada)
    assert not incident.step_runs.filter(state="waiting").exists()


def test_it_stays_acknowledged_while_more_of_it_fires(clock, deliver, person, levels):
    incident = deliver(alert(1))
    moving.acknowledge(incident.pk, by=person("cy"))
    clock.shift(3600)
    deliver(alert(1), alert(2, instance="b"))
    incident.refresh_from_db()
    assert (incident.state, incident.round) == (State.ACKNOWLEDGED, 1)
    assert not incident.step_runs.filter(state="waiting").exists()


def test_one_that_was_resolved_by_hand_does_not_open_for_the_same_alert(clock, deliver, person):
    incident = deliver(alert(1))
    moving.move(incident.pk, "resolved", by=person("ada"), reason="Planned.", although_firing=True)
    clock.shift(60)
    deliver(alert(1))
    incident.refresh_from_db()
    assert (incident.state, Incident.objects.count()) == (State.RESOLVED, 1)


def test_by_hand(clock, person):
    ada = person("ada")
    incident = opening.open_by_hand(by=ada, title="Members see no channels", severity="critical")
    assert (incident.origin, incident.opened_by, incident.commander) == (Origin.PERSON, ada, ada)
    assert incident.step_runs.count() == 3  # the built-in policy


@pytest.mark.parametrize(("title", "severity"), [("  ", "critical"), ("Something", "awful")])
def test_by_hand_refused(person, title, severity):
    with pytest.raises(Refusal):
        opening.open_by_hand(by=person("ada"), title=title, severity=severity)
    assert not Incident.objects.exists()


def test_the_database_keeps_one_live_incident_a_group(clock, deliver):
    incident = deliver(alert(1))
    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.create(
            title="x",
            severity="critical",
            origin=Origin.ALERT,
            group_key=incident.group_key,
            opened_at=timezone.now(),
        )

"""Somebody is told, then somebody else, until one answers; once each, after any restart."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connections
from django.utils import timezone

from monitoring.alerts.models import Alert, AlertEvent
from monitoring.delivery.models import Message
from monitoring.incidents import escalating, moving, opening, showing, windows
from monitoring.incidents.models import (
    EscalationStepRun,
    Incident,
    IncidentAlert,
    MaintenanceWindow,
    Override,
    PolicyStep,
    RunState,
)
from monitoring.refusals import Refusal
from tests.monitoring.alerts.conftest import alert
from tests.monitoring.incidents.conftest import texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def planned(person):
    """Planned work on the bot, from now on: `planned(minutes=30)`."""
    cy = person("cy")

    def make(minutes):
        now = timezone.now()
        return MaintenanceWindow.objects.create(
            title="Restart",
            alert_name="DiscordBotDown",
            starts_at=now,
            ends_at=now + timedelta(minutes=minutes),
            made_by=cy,
        )

    return make


def told():
    return [message.to[0].split("@")[0] for message in mail.outbox]


def states(incident):
    return list(incident.step_runs.order_by("round", "position").values_list("state", flat=True))


def test_it_works(clock, post, levels, deliver, beat):
    incident = deliver(alert(1))
    beat()
    assert told() == ["ada"]
    assert mail.outbox[0].subject == f"{incident} critical: Discord bot is offline"
    clock.shift(299)
    beat()
    assert told() == ["ada"]
    clock.shift(1)
    beat()
    assert told() == ["ada", "bo"]
    clock.shift(600)
    beat()
    assert told() == ["ada", "bo", "ada", "bo"]
    assert states(incident) == ["done"] * 3
    assert "On call: Second level, after 5 min: bo by e-mail" in texts(incident)


def test_an_acknowledgement_stops_it(clock, post, levels, deliver, beat, person):
    incident = deliver(alert(1))
    beat()
    moving.acknowledge(incident.pk, by=person("cy"))
    clock.shift(3600)
    beat()
    assert told() == ["ada"]
    assert states(incident) == ["done", "stopped", "stopped"]


def test_a_step_that_was_missed_is_told(clock, post, levels, deliver, person):
    """Nothing that escalates ran for 6 minutes; then somebody saw it by themselves."""
    incident = deliver(alert(1))
    clock.shift(360)
    shown = [(step.tone, step.words) for step in showing.steps(incident)]
    assert shown[0] == ("warn", "due and not done yet; ada by e-mail")
    assert shown[2][0] == "info"
    moving.acknowledge(incident.pk, by=person("cy"))
    steps = showing.steps(incident)
    missed = "was due, never done: nobody was told"
    assert [step.words for step in steps] == [missed, missed, "not needed"]
    assert "On call: First level: due 6 min ago and never done, nobody was told" in texts(incident)
    second = "On call: Second level, after 5 min: due 1 min ago and never done, nobody was told"
    assert second in texts(incident)


def test_a_message_that_is_not_gone_yet_is_dropped(clock, post, levels, deliver, person):
    incident = deliver(alert(1))
    escalating.run_due()
    moving.acknowledge(incident.pk, by=person("cy"))
    assert Message.objects.get(source="incidents").state == "dropped"


def test_resolved_alerts_stop_it(clock, post, levels, deliver, beat):
    incident = deliver(alert(1))
    beat()
    clock.shift(60)
    deliver(alert(1, end=1))
    clock.shift(3600)
    beat()
    assert told() == ["ada"]
    assert states(incident) == ["done", "stopped", "stopped"]


def test_after_a_pause_it_goes_on_and_says_how_late(clock, post, levels, deliver, beat):
    """Beat, worker or machine were away for 7 minutes."""
    incident = deliver(alert(1))
    clock.shift(420)
    beat()
    assert told() == ["ada", "bo"]
    lateness = incident.step_runs.order_by("position").values_list("late_seconds", flat=True)
    assert list(lateness) == [420.0, 120.0, None]


def test_the_policy_is_frozen(clock, post, levels, deliver, beat):
    incident = deliver(alert(1))
    PolicyStep.objects.all().delete()
    beat()
    clock.shift(300)
    beat()
    assert told() == ["ada", "bo"]
    assert [step["kind"] for step in incident.policy["steps"]] == ["on_call", "on_call", "everyone"]


def test_who_is_on_call_is_looked_up_when_it_is_due(
    clock, post, levels, rota, deliver, beat, person
):
    deliver(alert(1))
    now = timezone.now()
    Override.objects.create(
        rota=rota["Second level"],
        person=person("cy"),
        starts_at=now,
        ends_at=now + timedelta(hours=1),
        made_by=person("dee"),
    )
    clock.shift(300)
    beat()
    assert told() == ["ada", "cy"]


def test_nobody_on_call_brings_the_next_step_forward(clock, post, levels, rota, deliver, beat):
    rota["First level"].shifts.all().delete()
    incident = deliver(alert(1))
    beat()
    beat()
    assert told() == ["bo"]
    assert states(incident) == ["nobody", "done", "waiting"]
    last = incident.step_runs.get(position=3)
    assert last.due_at == timezone.now() + timedelta(minutes=10)
    assert any("nobody is on call" in text for text in texts(incident))


def test_nobody_with_a_way_to_them(clock, levels, deliver, beat):
    """No mail server is set up."""
    incident = deliver(alert(1))
    beat()
    assert states(incident)[0] == "nobody"
    assert any("no contact method for ada" in text for text in texts(incident))


def test_planned_work_holds_it(clock, post, levels, deliver, beat, planned):
    incident = deliver(alert(1))
    planned(minutes=30)
    beat()
    assert told() == []
    assert any("maintenance window" in text for text in texts(incident))
    clock.shift(1800)
    beat()
    assert told() == ["ada"]
    assert incident.step_runs.get(position=1).late_seconds == 0


def test_it_goes_on_when_planned_work_ends_early(clock, post, levels, deliver, beat, planned):
    incident = deliver(alert(1))
    window = planned(minutes=120)
    beat()
    clock.shift(600)
    windows.end_early(window.pk, by=window.made_by)
    beat()
    assert told() == ["ada"]
    assert incident.step_runs.get(position=2).due_at == timezone.now() + timedelta(minutes=5)
    assert "The maintenance window was ended early: Restart" in texts(incident)


def test_other_planned_work_still_holds_it(clock, post, levels, deliver, beat, planned):
    incident = deliver(alert(1))
    planned(minutes=30)
    longest = planned(minutes=120)
    beat()
    clock.shift(600)
    windows.end_early(longest.pk, by=longest.made_by)
    beat()
    assert told() == []
    assert incident.step_runs.get(position=1).due_at == timezone.now() + timedelta(minutes=20)


@pytest.mark.parametrize(("over", "expected"), [(False, ["ada"]), (True, [])])
def test_planned_work_on_one_alert_of_two(
    clock, post, levels, deliver, beat, planned, over, expected
):
    """Somebody is told while anything fires that it does not cover."""
    incident = deliver(alert(1))
    deliver(alert(2, alertname="WorkerDown", service="infrastructure", severity="warning"))
    other = Alert.objects.get(name="WorkerDown")
    IncidentAlert.objects.filter(alert=other).delete()
    ended = timezone.now() if over else None
    IncidentAlert.objects.create(incident=incident, alert=other, resolved_at=ended)
    planned(minutes=30)
    beat()
    assert told() == expected


def test_planned_work_that_held_nothing_moves_nothing(clock, levels, deliver, planned):
    incident = deliver(alert(1))
    window = planned(minutes=120)
    before = list(incident.step_runs.values_list("position", "due_at"))
    windows.end_early(window.pk, by=window.made_by)
    assert list(incident.step_runs.values_list("position", "due_at")) == before


def test_a_silence_holds_it(clock, post, levels, deliver, beat):
    incident = deliver(alert(1))
    Alert.objects.update(is_silenced=True)
    for _ in range(3):
        beat()
        clock.shift(3600)
    assert told() == []
    assert texts(incident).count("Nobody is told while all that fires here is silenced") == 1


def test_it_goes_on_when_the_silence_ends(clock, post, levels, deliver, beat):
    incident = deliver(alert(1))
    Alert.objects.update(is_silenced=True)
    clock.shift(3600)
    beat()
    clock.shift(10)
    Alert.objects.update(is_silenced=False)
    beat()
    assert told() == ["ada"]
    assert incident.step_runs.get(position=1).late_seconds == 10
    clock.shift(290)
    beat()
    assert told() == ["ada", "bo"]


def test_the_silence_of_one_alert_of_two_does_not_hold_it(clock, post, levels, deliver, beat):
    deliver(alert(1), alert(2, instance="b"))
    Alert.objects.filter(fingerprint__endswith="1").update(is_silenced=True)
    beat()
    assert told() == ["ada"]


def test_each_silence_is_said(clock, levels, deliver, beat, person):
    incident = deliver(alert(1))
    for name in ("cy", "dee"):
        alert_, by = Alert.objects.get(), person(name)
        AlertEvent.objects.create(alert=alert_, kind=AlertEvent.Kind.SILENCED, by=by)
        Alert.objects.update(is_silenced=True)
        beat()
        beat()
    said = incident.timeline.filter(source="silence").order_by("id")
    assert [entry.by.username for entry in said] == ["cy", "dee"]


def test_by_hand_it_goes_on_at_once(clock, post, levels, deliver, beat, person):
    incident = deliver(alert(1))
    beat()
    cy = person("cy")
    moving.acknowledge(incident.pk, by=cy)
    escalating.escalate_now(incident.pk, by=cy)
    beat()
    assert told() == ["ada", "bo"]
    escalating.escalate_now(incident.pk, by=cy)
    with pytest.raises(Refusal, match="nobody left"):
        escalating.escalate_now(incident.pk, by=cy)


def test_what_is_over_is_not_escalated(clock, levels, person):
    cy = person("cy")
    incident = opening.open_by_hand(by=cy, title="Gone", severity="critical")
    moving.move(incident.pk, "resolved", by=cy, reason="It was nothing.")
    with pytest.raises(Refusal, match="It is over"):
        escalating.escalate_now(incident.pk, by=cy)


def test_one_that_breaks_does_not_stop_the_others(clock, post, levels, deliver, beat):
    first = deliver(alert(1))
    Incident.objects.filter(pk=first.pk).update(policy={})
    deliver(alert(2, alertname="WebDown"))
    beat()
    assert told() == ["ada"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_a_step_once(levels, person):
    incident = opening.open_by_hand(by=person("cy"), title="Twice", severity="critical")
    run = incident.step_runs.get(position=1)

    def work(_):
        try:
            return escalating.run_step(run.pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(work, range(4))) == [False, False, False, True]
    assert EscalationStepRun.objects.filter(state=RunState.DONE).count() <= 1
    assert incident.timeline.filter(kind="escalated").count() == 1

"""Random lives of incidents: whatever order alerts, people, workers and time act in, the rules
hold. Each example runs in a savepoint that is rolled back.
"""

import contextlib
import json
import os
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from growmies_admin.accounts.models import RoleAssignment, Staff
from monitoring.alerts import acknowledging, intake, payload
from monitoring.alerts.models import Alert
from monitoring.delivery import sending as engine
from monitoring.delivery.models import Message
from monitoring.incidents import escalating, moving, opening, tasks
from monitoring.incidents.models import (
    EscalationPolicy,
    Incident,
    PolicyStep,
    RunState,
    StepKind,
)
from monitoring.incidents.states import MOVES, State
from monitoring.refusals import Refusal
from tests.monitoring.alerts.conftest import NEVER, webhook

# The same 25 lives at every run; STATE_MACHINE_EXAMPLES=500 looks further, at random.
LONG = int(os.environ.get("STATE_MACHINE_EXAMPLES", "0"))
which = st.integers(0, 3)
who = st.sampled_from(["ada", "bo"])
BEGIN = datetime(2026, 4, 20, 16, 20, tzinfo=UTC)


class Lives(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.clock = time_machine.travel(BEGIN, tick=False)
        self.now = self.clock.start()

    def teardown(self):
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)
        self.clock.stop()

    @initialize()
    def people(self):
        mail.outbox.clear()
        self.staff = {}
        for name in ("ada", "bo"):
            self.staff[name] = Staff.objects.create_user(name, email=f"{name}@example.org")
            RoleAssignment.objects.create(staff=self.staff[name], role="operator")
        made = EscalationPolicy.objects.create(name="Two", is_default=True)
        for position, name, after in ((1, "ada", 0), (2, "bo", 5)):
            PolicyStep.objects.create(
                policy=made,
                position=position,
                after_minutes=after,
                kind=StepKind.PERSON,
                person=self.staff[name],
            )
        self.states = {}
        self.entries = 0

    # --- what happens -------------------------------------------------------

    @rule(number=which)
    def fire(self, number):
        firing = Alert.objects.firing().filter(fingerprint=f"{number:016x}").first()
        self.deliver(number, firing.starts_at if firing else timezone.now(), None)

    @rule(number=which)
    def resolve(self, number):
        firing = Alert.objects.firing().filter(fingerprint=f"{number:016x}").first()
        if firing:
            self.deliver(number, firing.starts_at, timezone.now())

    @rule(seconds=st.sampled_from([10, 60, 290, 900, 1900]))
    def wait(self, seconds):
        self.now.shift(timedelta(seconds=seconds))

    @rule()
    def pulse(self):
        tasks.escalate()

    @rule(which=which, name=who)
    def acknowledge(self, which, name):
        self.act(which, moving.acknowledge, by=self.staff[name])

    @rule(number=which, name=who)
    def acknowledge_the_alert(self, number, name):
        firing = Alert.objects.firing().filter(fingerprint=f"{number:016x}").first()
        if firing:
            with contextlib.suppress(Refusal):
                acknowledging.acknowledge(firing.pk, by=self.staff[name])

    @rule(number=which, name=who)
    def withdraw_at_the_alert(self, number, name):
        firing = Alert.objects.firing().filter(fingerprint=f"{number:016x}").first()
        if firing:
            with contextlib.suppress(Refusal):
                acknowledging.withdraw(firing.pk, by=self.staff[name])

    @rule(which=which, to=st.sampled_from(list(State)), name=who)
    def move(self, which, to, name):
        self.act(which, moving.move, to, by=self.staff[name], reason="Because.")

    @rule(which=which, name=who)
    def escalate(self, which, name):
        self.act(which, escalating.escalate_now, by=self.staff[name])

    @rule(name=who)
    def open(self, name):
        opening.open_by_hand(by=self.staff[name], title="By hand", severity="critical")

    # --- what holds ---------------------------------------------------------

    @invariant()
    def the_rules(self):
        incidents = list(Incident.objects.order_by("id"))
        live = [one.group_key for one in incidents if one.is_live and one.group_key]
        assert len(set(live)) == len(live)
        for one in incidents:
            before = self.states.get(one.pk, State.OPEN)
            assert one.state == before or reachable(before, one.state)
            self.states[one.pk] = one.state
            if one.state != State.OPEN:
                assert not one.step_runs.filter(state=RunState.WAITING).exists()
        entries = sum(one.timeline.count() for one in incidents)
        assert entries >= self.entries
        self.entries = entries
        # Nobody is told twice of one step, whatever ran how often.
        assert calls().filter(state="sent").count() == len(mail.outbox)
        singles = calls().filter(kind="single")
        told = {(m.subject_id, m.person_id, m.channel) for m in singles}
        assert len(told) == singles.count()

    @invariant()
    def a_second_pulse_changes_nothing(self):
        pulse()
        before = self.snapshot()
        pulse()
        assert self.snapshot() == before
        for one in Incident.objects.all():
            self.states[one.pk] = one.state
        self.entries = sum(one.timeline.count() for one in Incident.objects.all())

    @invariant()
    def what_fires_is_in_an_incident(self):
        pulse()
        for firing in Alert.objects.firing():
            assert firing.incident_links.filter(resolved_at__isnull=True).count() == 1
        for one in Incident.objects.all():
            self.states[one.pk] = one.state

    # --- how ----------------------------------------------------------------

    def snapshot(self):
        return (
            list(Incident.objects.order_by("id").values_list("pk", "state", "round")),
            list(calls().order_by("id").values_list("pk", "state")),
            len(mail.outbox),
        )

    def act(self, which, act, *arguments, **named):
        found = list(Incident.objects.order_by("-id"))
        if found:
            with contextlib.suppress(Refusal):
                act(found[which % len(found)].pk, *arguments, **named)

    def deliver(self, number, starts_at, ends_at):
        # Alerts 0 and 1 are of one cause, 2 and 3 of another.
        one = {
            "status": "firing" if ends_at is None else "resolved",
            "labels": {
                "alertname": f"Cause{number // 2}",
                "severity": "critical",
                "n": str(number),
            },
            "annotations": {},
            "startsAt": starts_at.isoformat(),
            "endsAt": NEVER if ends_at is None else ends_at.isoformat(),
            "generatorURL": "",
            "fingerprint": f"{number:016x}",
        }
        intake.take_in(payload.parse(json.dumps(webhook(one)).encode()))


def pulse():
    tasks.escalate()
    engine.send_due()


def calls():
    return Message.objects.filter(source="incidents")


def reachable(origin, target):
    """By the table, in any number of moves: a pulse and an act can follow each other."""
    seen, new = set(), {State(origin)}
    while new:
        seen |= new
        new = {to for state in new for to in MOVES[state]} - seen
    return target in seen


@pytest.mark.django_db
def test_the_rules_hold(settings_of_mail):
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=LONG or 12,
            stateful_step_count=25,
            deadline=None,
            derandomize=not LONG,
            database=None,
            phases=[Phase.generate, Phase.shrink] if LONG else [Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.fixture
def settings_of_mail(settings):
    settings.EMAIL_IS_SET_UP = True

"""From open to closed, by the table; every move has a reason, and the timeline only grows."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from monitoring.audit.models import Entry
from monitoring.incidents import moving, opening
from monitoring.incidents.states import MOVES, State
from monitoring.refusals import Refusal
from tests.monitoring.alerts.conftest import START, alert
from tests.monitoring.incidents.conftest import texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(person):
    return person("ada")


@pytest.fixture
def incident(ada):
    return opening.open_by_hand(by=ada, title="Members see no channels", severity="critical")


def in_state(incident, state, ada):
    way = {
        State.OPEN: [],
        State.ACKNOWLEDGED: ["acknowledged"],
        State.MITIGATED: ["mitigated"],
        State.RESOLVED: ["resolved"],
        State.CLOSED: ["resolved", "closed"],
    }[state]
    for to in way:
        moving.move(incident.pk, to, by=ada, reason="Because.")
    incident.refresh_from_db()


def test_it_works(clock, incident, ada, person):
    bo = person("bo")
    clock.shift(48)
    moving.acknowledge(incident.pk, by=bo, comment="On it")
    clock.shift(120)
    moving.move(incident.pk, "mitigated", by=bo, reason="New token set.")
    clock.shift(60)
    moving.move(incident.pk, "resolved", by=bo, reason="The bot is back.")
    moving.move(incident.pk, "closed", by=ada, reason="Tokens need a calendar entry.")
    incident.refresh_from_db()
    assert incident.state == State.CLOSED
    assert (incident.acknowledged_at - incident.opened_at).total_seconds() == 48
    assert (incident.resolved_at - incident.opened_at).total_seconds() == 228
    assert incident.resolution == "The bot is back."
    assert incident.review == "Tokens need a calendar entry."
    said = texts(incident)
    assert "Acknowledged after 48 s; escalation stopped: On it" in said
    assert "Mitigated: New token set." in said
    actions = list(Entry.objects.order_by("id").values_list("action", flat=True))
    assert actions == ["incident.opened", "incident.acknowledged", *["incident.moved"] * 3]


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("to", State)
def test_only_by_the_table(incident, ada, state, to):
    in_state(incident, state, ada)
    # Only alerts open it again.
    if to in MOVES[state] and to != State.OPEN:
        assert moving.move(incident.pk, to, by=ada, reason="Because.").state == to
        return
    with pytest.raises(Refusal):
        moving.move(incident.pk, to, by=ada, reason="Because.")
    incident.refresh_from_db()
    assert incident.state == state


@pytest.mark.parametrize("to", ["mitigated", "resolved"])
def test_a_move_needs_a_reason(incident, ada, to):
    with pytest.raises(Refusal, match="Say what was done"):
        moving.move(incident.pk, to, by=ada, reason="  ")


def test_it_is_acknowledged_once(incident, ada, person):
    moving.acknowledge(incident.pk, by=ada)
    with pytest.raises(Refusal, match="ada has acknowledged it already"):
        moving.acknowledge(incident.pk, by=person("bo"))


def test_what_is_over_is_not_acknowledged(incident, ada):
    moving.move(incident.pk, "resolved", by=ada, reason="Nothing was wrong.")
    with pytest.raises(Refusal, match="It is over"):
        moving.acknowledge(incident.pk, by=ada)


def test_another_commander(incident, ada, person):
    bo = person("bo")
    moving.name_commander(incident.pk, bo, by=ada)
    incident.refresh_from_db()
    assert incident.commander == bo
    assert "bo is commander" in texts(incident)


def test_who_has_left_commands_nothing(incident, ada, person):
    bo = person("bo")
    bo.is_active = False
    with pytest.raises(Refusal, match="bo has left"):
        moving.name_commander(incident.pk, bo, by=ada)


def test_a_note_needs_words(incident, ada):
    moving.add_note(incident.pk, "It is the network.", by=ada)
    assert "It is the network." in texts(incident)
    with pytest.raises(Refusal):
        moving.add_note(incident.pk, " ", by=ada)


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_timeline_is_never_rewritten(incident, act):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        if act == "update":
            incident.timeline.update(text="nothing happened")
        else:
            incident.timeline.all().delete()


def test_one_that_fires_is_resolved_only_although_it_does(deliver, ada):
    incident = deliver(alert(1), alert(2, instance="b"))
    with pytest.raises(Refusal, match="2 of its alerts still fire"):
        moving.move(incident.pk, "resolved", by=ada, reason="Restarted.")
    incident.refresh_from_db()
    assert incident.state == State.OPEN
    moving.move(incident.pk, "resolved", by=ada, reason="Planned.", although_firing=True)
    incident.refresh_from_db()
    assert incident.state == State.RESOLVED
    moving.move(incident.pk, "closed", by=ada, reason="Learned.")
    incident.refresh_from_db()
    assert incident.state == State.CLOSED, "nothing is asked twice"


def test_one_whose_alerts_have_ended_needs_no_although(clock, deliver, ada):
    incident = deliver(alert(1), alert(2, instance="b"))
    moving.acknowledge(incident.pk, by=ada)
    moving.move(incident.pk, "mitigated", by=ada, reason="Restarted.")
    clock.shift(600)
    deliver(alert(1, end=5), alert(2, end=5, instance="b"))
    moving.move(incident.pk, "closed", by=ada, reason="Learned.")


def test_what_comes_next_is_what_happens(clock, deliver, ada):
    """The warning's three sentences, one after the other."""
    words = moving.while_it_fires(1)
    assert "Nobody is paged for what goes on firing." in words
    assert "fires again within 30 min after you resolve it, this incident opens again" in words
    incident = deliver(alert(1))
    moving.move(incident.pk, "resolved", by=ada, reason="Planned.", although_firing=True)
    clock.shift(600)
    assert deliver(alert(1)).state == State.RESOLVED, "it goes on firing"
    deliver(alert(1, end=11))
    again = deliver(alert(1, start=START + timedelta(minutes=12)))
    assert (again.pk, again.state, again.round) == (incident.pk, State.OPEN, 2)

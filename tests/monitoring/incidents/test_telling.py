"""Messages get through, once; who has had many gets the rest in one; failures are said."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from monitoring import policy
from monitoring.delivery import sending as engine
from monitoring.delivery import transports
from monitoring.delivery.content import Before, Content, To, Undelivered
from monitoring.delivery.models import Message, State
from monitoring.incidents import escalating, moving, opening
from tests.monitoring.incidents.conftest import texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(clock, post, levels, person):
    """Opens incidents and does their first step: Ada has a message from each."""
    cy = person("cy")

    def make(number=1):
        made = [
            opening.open_by_hand(by=cy, title=f"Number {n}", severity="critical")
            for n in range(number)
        ]
        escalating.run_due()
        return made

    return make


@pytest.fixture
def broken(monkeypatch):
    """E-mail that does not get through."""

    def fail(permanent):
        def send(to, content, before):
            raise Undelivered("The mail server does not answer.", permanent=permanent)

        monkeypatch.setattr(transports.get("email"), "send", send)

    return fail


def states():
    return list(Message.objects.order_by("id").values_list("state", flat=True))


def test_it_works(opened):
    (incident,) = opened()
    assert engine.send_due() == 1
    (sent,) = mail.outbox
    assert sent.to == ["ada@example.org"]
    assert f"/incidents/{incident.pk}/" in sent.body
    assert "ada was told by e-mail" in texts(incident)
    assert engine.send_due() == 0


def test_a_storm_is_five_messages(opened):
    opened(12)
    assert engine.send_due() == 5
    assert len(mail.outbox) == 5
    assert mail.outbox[-1].subject == "8 incidents need somebody"
    assert sorted(states()) == ["bundled"] * 8 + ["sent"] * 5


def test_what_comes_then_waits_for_the_limit_and_is_one(opened, clock):
    opened(5)
    engine.send_due()
    clock.shift(60)
    opened(3)
    assert engine.send_due() == 0
    clock.shift(14 * 60 - 1)
    assert engine.send_due() == 0
    clock.shift(1)
    engine.send_due()
    assert len(mail.outbox) == 6
    assert mail.outbox[-1].subject == "3 incidents need somebody"
    assert sorted(states()) == ["bundled"] * 4 + ["sent"] * 6


def test_never_more_than_the_limits(opened, clock):
    """Every 5 minutes an incident that nobody answers, for four hours."""
    sent_at = []
    for _ in range(48):
        (incident,) = opened(1)
        before = len(mail.outbox)
        engine.send_due()
        sent_at += [timezone.now()] * (len(mail.outbox) - before)
        incident.step_runs.filter(state="waiting").delete()
        clock.shift(300)
    for most, span in policy.PERSON_MESSAGE_LIMITS:
        for moment in sent_at:
            assert sum(moment - span < one <= moment for one in sent_at) <= most
    assert len(sent_at) > 20


def test_another_person_has_limits_of_their_own(opened, clock):
    opened(5)
    engine.send_due()
    clock.shift(300)
    escalating.run_due()
    engine.send_due()
    assert [m.to[0] for m in mail.outbox].count("bo@example.org") == 5


def test_it_is_tried_again(opened, broken, clock, monkeypatch):
    opened()
    broken(permanent=False)
    engine.send_due()
    row = Message.objects.get()
    assert (row.state, row.attempts) == (State.WAITING, 1)
    assert timedelta(seconds=1) <= row.not_before - timezone.now() <= timedelta(seconds=2)
    monkeypatch.undo()
    clock.shift(20)
    assert engine.send_due() == 1


def test_it_is_given_up_and_said(opened, broken, clock):
    (incident,) = opened()
    broken(permanent=False)
    for _ in range(6):
        engine.send_due()
        assert states() == ["waiting"]
        clock.shift(policy.INCIDENT_MESSAGE_GIVE_UP / 6 + timedelta(seconds=1))
    engine.send_due()
    assert states() == ["failed"]
    assert any("ada could not be told by e-mail" in text for text in texts(incident))


def test_what_can_never_get_through_is_not_tried_again(opened, broken):
    opened()
    broken(permanent=True)
    engine.send_due()
    assert states() == ["failed"]


def test_a_worker_that_died_while_sending(opened, clock):
    opened()
    Message.objects.update(state=State.SENDING, leased_until=timezone.now() + policy.DELIVERY_LEASE)
    assert engine.send_due() == 0
    clock.shift(policy.DELIVERY_LEASE + timedelta(seconds=1))
    assert engine.send_due() == 1


def test_nobody_is_told_of_what_is_over(opened, person):
    (incident,) = opened()
    moving.move(incident.pk, "resolved", by=person("dee"), reason="Nothing.")
    assert engine.send_due() == 0
    assert states() == ["dropped"]


def test_nobody_is_told_again_of_what_was_answered_meanwhile(opened, clock, person, monkeypatch):
    (incident,) = opened()
    dee = person("dee")

    def answered_while_it_is_sent(*_):
        clock.shift(5)
        moving.acknowledge(incident.pk, by=dee)
        raise Undelivered("The mail server does not answer.")

    with monkeypatch.context() as patch:
        patch.setattr(transports.get("email"), "send", answered_while_it_is_sent)
        engine.send_due()
    assert states() == ["dropped"]
    clock.shift(3600)
    assert engine.send_due() == 0


def test_nor_when_the_worker_died_while_sending(opened, clock, person):
    (incident,) = opened()
    Message.objects.update(state=State.SENDING, leased_until=timezone.now())
    clock.shift(5)
    moving.acknowledge(incident.pk, by=person("dee"))
    assert engine.send_due() == 0
    assert states() == ["dropped"]


def test_who_has_it_asks_for_help(opened, clock, person):
    (incident,) = opened()
    dee = person("dee")
    moving.acknowledge(incident.pk, by=dee)
    clock.shift(5)
    escalating.escalate_now(incident.pk, by=dee)
    assert engine.send_due() == 1
    (sent,) = mail.outbox
    assert sent.to == ["bo@example.org"]
    assert "dee has it and asks for help." in sent.body
    assert "nobody has answered" not in sent.body


def test_a_call_for_help_is_tried_again(opened, clock, person, broken, monkeypatch):
    (incident,) = opened()
    dee = person("dee")
    moving.acknowledge(incident.pk, by=dee)
    clock.shift(5)
    escalating.escalate_now(incident.pk, by=dee)
    broken(permanent=False)
    engine.send_due()
    monkeypatch.undo()
    clock.shift(20)
    assert engine.send_due() == 1


def test_discord_mentions_the_person_alone(settings, person):
    """The body that a webhook of Discord gets, over HTTP."""
    import json
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    got = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    settings.DISCORD_ALERT_WEBHOOK_URL = f"http://127.0.0.1:{server.server_port}/hook"
    ada = person("ada", email=False)
    assert transports.ways_of(ada) == []
    ada.discord_id = 1187342001234567890
    assert transports.ways_of(ada) == ["discord"]
    said = Content("INC-1", "@everyone look", "http://localhost/incidents/1/", "incident-1", "info")
    transports.get("discord").send(To("ada", ada), said, Before())
    server.shutdown()
    (body,) = got
    assert body["content"].startswith("<@1187342001234567890> ")
    assert "@everyone" not in body["content"]
    assert body["allowed_mentions"] == {"parse": [], "users": ["1187342001234567890"]}

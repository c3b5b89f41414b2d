"""Heads go to a webhook on another machine: in order, none lost, and nothing waits for it."""

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from monitoring import policy
from monitoring.audit.models import HeadPlace
from monitoring.audit_chain import behind, outside
from monitoring.audit_chain.checks import audit_heads
from monitoring.audit_chain.tasks import deliver_heads, write_head
from monitoring.health.registry import Degraded
from tests.monitoring.prometheus.promql import alerts

pytestmark = pytest.mark.django_db
SECRET = "0123456789abcdef0123456789abcdef"


class Receiver:
    """Keeps each line that comes after the one it has, as docs/audit.md says."""

    def __init__(self):
        self.lines, self.posts, self.signed, self.answer = [], 0, [], 204
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.posts += 1
                timestamp = self.headers["X-Audit-Timestamp"]
                right = outside.signature(timestamp, body)
                outer.signed.append(self.headers["X-Audit-Signature"] == right)
                if outer.answer == 204:
                    outer.keep(body)
                self.send_response(outer.answer)
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/heads?key=hidden"
        threading.Thread(target=self.server.serve_forever, args=[0.02], daemon=True).start()

    def keep(self, body):
        for line in body.splitlines():
            if json.loads(line)["line"] == len(self.lines) + 1:
                self.lines.append(line)


@pytest.fixture
def receiver(settings):
    made = Receiver()
    settings.AUDIT_HEADS_WEBHOOK_URL = made.url
    settings.AUDIT_HEADS_WEBHOOK_SECRET = SECRET
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture(autouse=True)
def file(heads_file):
    return heads_file


def write(count):
    for _ in range(count):
        write_head()


def test_it_works(file, act, receiver):
    act()
    write(3)
    deliver_heads()
    assert receiver.lines == file.read_bytes().splitlines()
    assert receiver.signed == [True]
    assert (behind.lines_undelivered(), behind.since_undelivered()) == (0, None)


def test_only_what_is_new_is_sent(receiver):
    write(2)
    deliver_heads()
    deliver_heads()
    write(1)
    deliver_heads()
    assert (receiver.posts, len(receiver.lines)) == (2, 3)


@pytest.mark.parametrize("answer", [302, 404, 500])
def test_what_was_refused_is_sent_later_in_order(file, receiver, answer):
    write(2)
    receiver.answer = answer
    deliver_heads()
    assert HeadPlace.objects.get(name="webhook").trouble == f"The webhook answers with {answer}."
    write(2)
    assert behind.lines_undelivered() == 4
    receiver.answer = 204
    deliver_heads()
    assert receiver.lines == file.read_bytes().splitlines()
    assert HeadPlace.objects.get(name="webhook").trouble == ""


def test_nobody_there(file, settings, receiver):
    receiver.server.shutdown()
    receiver.server.server_close()
    write(1)
    deliver_heads()
    write(1)  # goes on all the same
    trouble = HeadPlace.objects.get(name="webhook").trouble
    assert trouble == "The webhook does not answer: ConnectError."
    assert len(file.read_bytes().splitlines()) == 2


def test_an_answer_that_was_lost(file, receiver):
    """Taken, but we never heard: sent again, and kept once by its number."""
    write(3)
    deliver_heads()
    HeadPlace.objects.filter(name="webhook").delete()
    write(1)
    deliver_heads()
    assert receiver.lines == file.read_bytes().splitlines()


def test_many_lines_go_in_parts(file, receiver, monkeypatch):
    monkeypatch.setattr(policy, "AUDIT_HEADS_A_POST", 2)
    write(5)
    deliver_heads()
    assert (receiver.posts, len(receiver.lines)) == (3, 5)


def test_one_run_ends_in_time(receiver, monkeypatch):
    write(2)
    monkeypatch.setattr(policy, "AUDIT_HEADS_POSTING", timedelta(0))
    deliver_heads()
    assert receiver.posts == 0


def test_a_file_that_was_rewritten_is_not_sent(file, receiver):
    write(3)
    deliver_heads()
    file.write_text(file.read_text().replace('"position":0', '"position":7'))
    deliver_heads()
    assert "was cut" in HeadPlace.objects.get(name="webhook").trouble or (
        "was rewritten" in HeadPlace.objects.get(name="webhook").trouble
    )
    assert len(receiver.lines) == 3


def test_without_a_webhook_nothing_is_sent(settings):
    write(1)
    assert outside.deliver() == 0
    assert not HeadPlace.objects.filter(name="webhook").exists()


def test_numbers_go_on_after_the_file_was_set_aside(file, receiver):
    from django.core.management import call_command

    write(2)
    call_command("set_heads_aside", "a restore")
    write(2)
    deliver_heads()
    assert [json.loads(line)["line"] for line in receiver.lines] == [1, 2, 3, 4]


def test_its_address_is_in_no_log(receiver, caplog, capsys):
    write(1)
    receiver.answer = 500
    with caplog.at_level("DEBUG"):
        deliver_heads()
    assert "hidden" not in caplog.text + "".join(capsys.readouterr())


def long_ago(name, minutes):
    HeadPlace.objects.filter(name=name).update(at=timezone.now() - timedelta(minutes=minutes))


def test_the_check_of_an_empty_trail(receiver):
    assert audit_heads() == {"headAgeSeconds": 0, "undeliveredSeconds": 0}


def test_the_check_is_healthy(receiver, act):
    act()
    write(1)
    deliver_heads()
    assert audit_heads() == {"headAgeSeconds": 0, "undeliveredSeconds": 0}


def test_the_check_of_an_old_head():
    write(1)
    long_ago("file", 6)
    with pytest.raises(Degraded, match="no head was written for 6 min"):
        audit_heads()


def test_the_check_of_a_webhook_that_is_behind(receiver):
    write(1)
    deliver_heads()
    receiver.answer = 500
    write(1)
    deliver_heads()
    long_ago("webhook", 6)
    with pytest.raises(Degraded, match="heads wait for the webhook for 6 min"):
        audit_heads()


def test_figures(receiver):
    from monitoring.metrics.families import DATABASE_GAUGES

    write(2)
    long_ago("file", 1)
    read = {
        name: next(iter(figure[2]()))[1]
        for name, figure in DATABASE_GAUGES.items()
        if name.startswith("audit_head")
    }
    assert 59 <= read["audit_head_age_seconds"] < 70
    assert read["audit_heads_undelivered"] == 2
    deliver_heads()
    assert next(iter(DATABASE_GAUGES["audit_heads_undelivered"][2]()))[1] == 0


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("AuditHeadOld", "audit_head_age_seconds"),
        ("AuditHeadsNotDelivered", "audit_heads_undelivered_seconds"),
    ],
)
def test_alerts_have_the_bound_of_the_check(name, figure):
    (rule,) = [one for one in alerts() if one["alert"] == name]
    bound = policy.AUDIT_HEAD_OLD.total_seconds()
    assert rule["expr"] == f"max({figure}) > {bound:.0f}"

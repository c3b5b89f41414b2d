"""A homeserver at the edge of the network: what it is put, and what it answers."""

import json
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.utils import timezone

from monitoring.delivery import outbox, sending, transports
from monitoring.delivery.models import Attempt, Message
from monitoring.delivery.transports.matrix.settings import MATRIX_ROOMS
from tests.monitoring.alerts.conftest import alert, deliver, nothing_queued
from tests.monitoring.alerts.servers import edge

pytestmark = pytest.mark.django_db
ROOM = "!critical:example.org"


class Homeserver:
    """Rooms with their events; a transaction id that it knows makes no second event."""

    def __init__(self):
        self.events, self.known, self.asked, self.answers = [], {}, [], []
        self.lose = 0  # so many answers do not come back

    def respond(self, method, path, headers, raw):
        assert method == "PUT"
        status, answer = self.put(path, headers["Authorization"], json.loads(raw))
        if self.lose:
            self.lose -= 1
            return None
        return status, answer, {}

    def put(self, path, token, body):
        room, _, transaction = path.removeprefix("/_matrix/client/v3/rooms/").partition("/send/")
        self.asked.append((unquote(room), transaction, token))
        if self.answers:
            return self.answers.pop(0)
        if transaction not in self.known:
            self.known[transaction] = f"$event{len(self.events)}"
            self.events.append(body)
        return 200, {"event_id": self.known[transaction]}


@pytest.fixture
def homeserver(settings, nothing_queued):
    found = Homeserver()
    with edge(found.respond) as server:
        settings.MATRIX_HOMESERVER = server.url
        settings.MATRIX_ACCESS_TOKEN = "syt_secret"
        settings.MATRIX_ROOMS = {"critical": ROOM, "compliance": "!c:example.org"}
        yield found


def due_now():
    Message.objects.update(not_before=timezone.now() - timedelta(seconds=1))


def mine():
    return Message.objects.get(channel="matrix")


def test_it_works(deliver, homeserver):
    deliver(alert(1))
    sending.send_due()
    (event,) = homeserver.events
    assert event["body"].startswith("🔥 Discord bot is offline (DiscordBotDown)\n")
    assert "<strong>🔥 Discord bot is offline" in event["formatted_body"]
    assert (event["msgtype"], event["m.mentions"]) == ("m.text", {})
    ((room, transaction, token),) = homeserver.asked
    assert (room, token) == (ROOM, "Bearer syt_secret")
    assert transaction == f"m.room.message/growmies-{mine().pk}-1"
    assert (mine().state, mine().receipt) == ("sent", "$event0")


def test_the_end_replaces_the_first_event(deliver, homeserver):
    deliver(alert(1))
    sending.send_due()
    deliver(alert(1, end=5))
    sending.send_due()
    _, change = homeserver.events
    assert change["m.relates_to"] == {"rel_type": "m.replace", "event_id": "$event0"}
    assert change["m.new_content"]["body"].startswith("✅ Resolved: ")
    assert change["body"].startswith("* ✅")
    assert mine().receipt == "$event0"  # a third change replaces it, too


def test_an_answer_that_is_lost_shows_nothing_twice(deliver, homeserver):
    homeserver.lose = 1
    deliver(alert(1))
    sending.send_due()
    assert mine().state == "waiting"
    due_now()
    sending.send_due()
    assert len(homeserver.asked) == 2
    assert len(homeserver.events) == 1
    assert (mine().state, mine().receipt) == ("sent", "$event0")


def test_patience_of_minutes(deliver, homeserver):
    homeserver.answers = [(429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 120_000})]
    deliver(alert(1))
    sending.send_due()
    assert mine().not_before - timezone.now() > timedelta(seconds=115)


def test_patience(deliver, homeserver):
    homeserver.answers = [(429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 40_000})]
    deliver(alert(1))
    sending.send_due()
    wait = mine().not_before - timezone.now()
    assert timedelta(seconds=35) < wait <= timedelta(seconds=40)
    due_now()
    sending.send_due()
    assert mine().state == "sent"


@pytest.mark.parametrize(
    ("status", "answer", "state", "words"),
    [
        (401, {"errcode": "M_UNKNOWN_TOKEN"}, "failed", "does not know MATRIX_ACCESS_TOKEN"),
        (403, {"errcode": "M_FORBIDDEN"}, "failed", "invite it"),
        (404, {"errcode": "M_NOT_FOUND"}, "failed", "no such room"),
        (400, {"errcode": "M_BAD_JSON"}, "failed", "answers 400"),
        (502, {}, "waiting", "answers 502"),
        (404, "<html>some proxy</html>", "waiting", "answers 404"),
    ],
)
def test_a_refusal(deliver, homeserver, status, answer, state, words):
    homeserver.answers = [(status, answer)]
    deliver(alert(1))
    sending.send_due()
    assert mine().state == state
    assert words in mine().error
    assert "syt_secret" not in mine().error + "".join(
        Attempt.objects.values_list("text", flat=True)
    )


@pytest.mark.parametrize(
    ("labels", "rooms"),
    [
        ({"severity": "critical", "service": "compliance"}, ["critical"]),
        ({"severity": "warning", "service": "compliance"}, ["compliance"]),
        ({"severity": "warning", "service": "bot"}, []),
    ],
)
def test_who_is_told(deliver, homeserver, labels, rooms):
    deliver(alert(1, **labels))
    told = Message.objects.filter(channel="matrix").values_list("target", flat=True)
    assert list(told) == rooms


def test_a_room_for_everything(deliver, homeserver, settings):
    settings.MATRIX_ROOMS = {"all": "!all:example.org"}
    deliver(alert(1, severity="info", service="bot"))
    assert mine().target == "all"


def test_text_is_no_markup(deliver, homeserver):
    one = alert(1)
    one["annotations"] = {"summary": "<img src=x>", "description": "@room <b>"}
    deliver(one)
    sending.send_due()
    (event,) = homeserver.events
    assert "<img" not in event["formatted_body"] and "<b>" not in event["formatted_body"]


def test_a_room_that_is_not_set_any_more(deliver, homeserver, settings):
    deliver(alert(1))
    settings.MATRIX_ROOMS = {}
    sending.send_due()
    assert (mine().state, "No room is set for critical" in mine().error) == ("failed", True)


def test_without_a_token_there_is_no_target(homeserver, settings):
    settings.MATRIX_ACCESS_TOKEN = ""
    assert transports.everything()["matrix"].targets() == []


@pytest.mark.parametrize("room", ["#critical:example.org", "critical"])
def test_a_room_without_its_id_stops_the_start(room):
    assert "must name rooms by their ids" in MATRIX_ROOMS.check({"critical": room})
    assert MATRIX_ROOMS.check({"critical": ROOM}) == ""


def test_a_test_of_it(homeserver, staff):
    outbox.test("matrix", "critical", by=staff("operator", username="ada"))
    sending.send_due()
    assert "ada asked for it" in homeserver.events[0]["body"]

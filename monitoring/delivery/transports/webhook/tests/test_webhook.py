"""Signed JSON: what arrives, how it is checked, and where it never goes."""

import base64
import hashlib
import hmac
import json
import time
from ipaddress import ip_network

import pytest

from monitoring.delivery import sending
from monitoring.delivery.models import Message
from monitoring.delivery.transports.webhook.settings import WEBHOOK_SECRETS, WEBHOOK_URLS
from tests.monitoring.alerts.conftest import alert, deliver, nothing_queued
from tests.monitoring.alerts.servers import edge

pytestmark = pytest.mark.django_db
SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()


class Receiver:
    def __init__(self):
        self.got = []
        self.answers = []  # (status, headers)

    def respond(self, method, path, headers, body):
        assert method == "POST"
        self.got.append((path, dict(headers), body))
        status, more = self.answers.pop(0) if self.answers else (204, {})
        return status, "", more


@pytest.fixture
def receiver(settings, nothing_queued):
    found = Receiver()
    with edge(found.respond) as server:
        found.url = server.url
        settings.WEBHOOK_URLS = {"board": f"{found.url}/hook"}
        settings.WEBHOOK_SECRETS = {"board": SECRET}
        yield found


def mine():
    return Message.objects.get(channel="webhook")


def is_signed(headers, body, key=b"s" * 32):
    """As a receiver checks it, by the standard."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return headers["webhook-signature"] == f"v1,{digest}"


def test_it_works(deliver, receiver, settings):
    deliver(alert(1))
    sending.send_due()
    ((path, headers, body),) = receiver.got
    assert path == "/hook" and headers["Content-Type"] == "application/json"
    assert is_signed(headers, body)
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    event = json.loads(body)
    assert event["status"] == "open" and event["severity"] == "critical"
    assert event["title"] == "🔥 Discord bot is offline (DiscordBotDown)"
    assert event["url"].startswith(f"{settings.PUBLIC_URL}/alerts/")
    assert set(event) == {"key", "status", "severity", "component", "title", "text", "url"}


def test_another_text_is_not_signed_by_it(deliver, receiver):
    deliver(alert(1))
    sending.send_due()
    ((_, headers, body),) = receiver.got
    assert not is_signed(headers, body + b" ")
    assert not is_signed(headers, body, key=b"t" * 32)


def test_each_change_is_sent(deliver, receiver):
    deliver(alert(1))
    sending.send_due()
    deliver(alert(1, end=5))
    sending.send_due()
    (_, before, first), (_, after, last) = receiver.got
    assert [json.loads(body)["status"] for body in (first, last)] == ["open", "over"]
    assert json.loads(first)["key"] == json.loads(last)["key"]
    assert before["webhook-id"] != after["webhook-id"]


def test_each_try_has_the_same_id(deliver, receiver):
    receiver.answers = [(500, {})]
    deliver(alert(1))
    sending.send_due()
    Message.objects.update(not_before=mine().created_at)
    sending.send_due()
    first, second = (headers["webhook-id"] for _, headers, _ in receiver.got)
    assert first == second
    assert mine().state == "sent"


@pytest.mark.parametrize(
    ("status", "state"), [(400, "failed"), (410, "failed"), (429, "waiting"), (503, "waiting")]
)
def test_a_refusal(deliver, receiver, status, state):
    receiver.answers = [(status, {})]
    deliver(alert(1))
    sending.send_due()
    assert mine().state == state


def test_without_a_secret_nothing_is_sent(deliver, receiver, settings):
    settings.WEBHOOK_SECRETS = {"another": SECRET}
    deliver(alert(1))
    assert not Message.objects.filter(channel="webhook").exists()


def test_a_private_address_is_refused(deliver, receiver, settings):
    settings.DELIVERY_PRIVATE_NETWORKS = ()
    deliver(alert(1))
    sending.send_due()
    assert receiver.got == []
    assert mine().state == "failed"
    assert "127.0.0.1 leads to a private address" in mine().error


def test_a_redirect_is_followed(deliver, receiver):
    receiver.answers = [(307, {"Location": f"{receiver.url}/moved"})]
    deliver(alert(1))
    sending.send_due()
    assert [path for path, *_ in receiver.got] == ["/hook", "/moved"]
    assert mine().state == "sent"


def test_a_redirect_into_a_private_network_is_refused(deliver, receiver, settings):
    settings.DELIVERY_PRIVATE_NETWORKS = (ip_network("127.0.0.1/32"),)
    receiver.answers = [(307, {"Location": receiver.url.replace("127.0.0.1", "127.0.0.2")})]
    deliver(alert(1))
    sending.send_due()
    assert [path for path, *_ in receiver.got] == ["/hook"]
    assert mine().state == "failed"
    assert "127.0.0.2 leads to a private address" in mine().error


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_would_lose_the_message(deliver, receiver, status):
    """What follows it is a GET without a body, and its 200 means nothing."""
    receiver.answers = [(status, {"Location": f"{receiver.url}/moved"})]
    deliver(alert(1))
    sending.send_due()
    assert [path for path, *_ in receiver.got] == ["/hook"]
    assert mine().state == "failed" and "board has moved" in mine().error


def test_redirects_have_an_end(deliver, receiver):
    receiver.answers = [(307, {"Location": f"{receiver.url}/again"})] * 20
    deliver(alert(1))
    sending.send_due()
    assert mine().state == "failed"
    assert len(receiver.got) == 4


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        (WEBHOOK_URLS, {"board": "ftp://example.org"}, "must be addresses"),
        (WEBHOOK_URLS, {"board": "https://"}, "must be addresses"),
        (WEBHOOK_SECRETS, {"board": "whsec_!!!"}, "does not go on in base64"),
        (WEBHOOK_SECRETS, {"board": "whsec_c2hvcnQ="}, "less than 16"),
        (WEBHOOK_SECRETS, {"board": "too short"}, "less than 16"),
        (WEBHOOK_URLS, {"board": "https://example.org/hook"}, ""),
        (WEBHOOK_SECRETS, {"board": SECRET}, ""),
    ],
)
def test_what_is_set_is_looked_at_at_the_start(setting, value, words):
    wrong = setting.check(value)
    assert words in wrong and bool(wrong) == bool(words)
    assert setting is WEBHOOK_URLS or value["board"] not in wrong


def test_two_receivers_get_each_their_own(deliver, receiver, settings):
    settings.WEBHOOK_URLS = {"board": f"{receiver.url}/a", "other": f"{receiver.url}/b"}
    settings.WEBHOOK_SECRETS = {"board": SECRET, "other": "plain text, long enough"}
    deliver(alert(1))
    sending.send_due()
    by_path = {path: (headers, body) for path, headers, body in receiver.got}
    assert is_signed(*by_path["/a"])
    assert is_signed(*by_path["/b"], key=b"plain text, long enough")

"""Slack's own address, caught where the request would leave the process."""

import json

import pytest
import requests

from monitoring.delivery import sending
from monitoring.delivery.models import Message
from tests.monitoring.alerts.conftest import alert, deliver, nothing_queued

pytestmark = pytest.mark.django_db


def test_it_works(deliver, settings, monkeypatch, nothing_queued):
    settings.SLACK_WEBHOOK_URL = f"https://hooks.slack.com/services/TAAAAAAAA/BBBBBBBBB/{24 * 'c'}"
    sent = []

    def leave(self, request, **_):
        sent.append((request.url, json.loads(request.body)))
        answer = requests.Response()
        answer.status_code, answer._content = 200, b"ok"
        answer.request, answer.url = request, request.url
        return answer

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", leave)
    deliver(alert(1), source="direct")
    sending.send_due()
    ((url, body),) = sent
    assert url == settings.SLACK_WEBHOOK_URL
    assert "direct" in json.dumps(body) and "/alerts/" in json.dumps(body)
    assert Message.objects.get(channel="slack").state == "sent"

"""Payloads of Alertmanager, and alerts that came in."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from monitoring.alerts import intake, payload
from tests.monitoring.alerts.servers import edge

START = datetime(2026, 4, 20, 16, 20, tzinfo=UTC)
NEVER = "0001-01-01T00:00:00Z"


def alert(number=1, *, end=None, start=START, **labels):
    """One alert of a payload; `end` resolves it so many minutes after its start."""
    labels = {"alertname": "DiscordBotDown", "severity": "critical", "service": "bot"} | labels
    return {
        "status": "firing" if end is None else "resolved",
        "labels": labels,
        "annotations": {"summary": "Discord bot is offline"},
        "startsAt": start.isoformat(),
        "endsAt": NEVER if end is None else (start + timedelta(minutes=end)).isoformat(),
        "generatorURL": "http://prometheus/graph?g0.expr=up",
        "fingerprint": f"{number:016x}",
    }


def webhook(*alerts, **more):
    return {
        "version": "4",
        "groupKey": '{}:{alertname="DiscordBotDown"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "default",
        "alerts": list(alerts),
        **more,
    }


@pytest.fixture
def deliver(db):
    """Takes in what a webhook would bring: `deliver(alert(1), alert(2, end=5))`."""

    def take(*alerts, **more):
        return intake.take_in(payload.parse(json.dumps(webhook(*alerts)).encode()), **more)

    return take


@pytest.fixture
def discord(settings):
    """Discord's webhooks as a server at the edge; none is the bot's."""
    with edge() as found:
        settings.DISCORD_ALERT_WEBHOOK_URL = f"{found.url}/webhooks/7/token"
        yield found


@pytest.fixture
def alertmanager(settings):
    """Alertmanager's API as a server at the edge."""
    with edge() as found:
        settings.ALERTMANAGER_URL = found.url
        found.usual["/api/v2/silences"] = {"silenceID": "5b0c1a9e-0000-4000-8000-000000000001"}
        found.usual["GET /api/v2/silences"] = []
        found.usual["/api/v2/alerts"] = []
        yield found


@pytest.fixture
def nothing_queued(monkeypatch):
    """No worker runs in these tests: they deliver themselves."""
    monkeypatch.setattr("celery.current_app.send_task", lambda *args, **kwargs: None)

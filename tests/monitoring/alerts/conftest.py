"""Payloads of Alertmanager, and alerts that came in."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from monitoring.alerts import intake, payload

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

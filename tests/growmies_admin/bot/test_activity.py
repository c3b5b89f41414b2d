"""Figures of the guild are exported while we see it, and are absent when we do not."""

import time
from types import SimpleNamespace

import pytest
from prometheus_client import REGISTRY

from growmies_admin.bot import activity, metrics
from monitoring.uptime.metrics import third_party_bot_health

FIGURES = {
    "discord_gateway_latency_seconds": {},
    "discord_guild_members": {},
    "discord_active_users": {"channel_type": "verified", "time_period": "total"},
    "third_party_bot_health": {"bot_name": "carl-bot", "function": "moderation"},
}


class Client:
    """What Activity asks of the bot's client, with 84 members."""

    online = True
    latency = 0.05

    def __init__(self):
        members = SimpleNamespace(member_count=84, unavailable=False, get_member=lambda _id: None)
        self.guilds = [members]

    def is_ready(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """Seconds of the monotonic clock."""
    made = SimpleNamespace(now=1_000.0)
    clocks = SimpleNamespace(monotonic=lambda: made.now, time=time.time)
    monkeypatch.setattr(activity, "time", clocks)
    return made


@pytest.fixture
def client(settings):
    settings.DISCORD_GUILD_ID = None
    settings.DISCORD_PRESENCES = True
    families = [metrics.gateway_latency, metrics.guild_members, metrics.active_users]
    yield Client()
    for family in [*families, third_party_bot_health]:
        family.clear()


def exported():
    """Names of the figures that a scrape finds."""
    found = {name: REGISTRY.get_sample_value(name, labels) for name, labels in FIGURES.items()}
    return {name for name, value in found.items() if value is not None}


def test_it_works(client):
    activity.Activity(client).export()
    assert exported() == set(FIGURES)
    assert REGISTRY.get_sample_value("discord_guild_members") == 84


def test_before_the_first_connection_there_are_none(client):
    client.online = False
    activity.Activity(client).export()
    assert exported() == set()


def test_a_lost_connection_takes_them_away(client, clock):
    figures = activity.Activity(client)
    figures.export()
    client.online = False
    clock.now += activity.LOST_AFTER_SECONDS
    figures.export()
    assert exported() == set()


def test_a_session_that_resumes_within_seconds_keeps_them(client, clock):
    figures = activity.Activity(client)
    figures.export()
    client.online = False
    clock.now += activity.LOST_AFTER_SECONDS - 1
    figures.export()
    assert exported() == set(FIGURES)


def test_they_come_back_with_the_connection(client, clock):
    figures = activity.Activity(client)
    client.online = False
    figures.export()
    client.online = True
    figures.export()
    assert exported() == set(FIGURES)


def test_a_guild_that_discord_can_not_serve_has_none(client):
    figures = activity.Activity(client)
    figures.export()
    client.guilds[0].unavailable = True
    figures.export()
    assert exported() == {"discord_gateway_latency_seconds"}

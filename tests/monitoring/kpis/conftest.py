"""KPIs of a test's own, and days that can be told."""

from datetime import datetime

import pytest
import time_machine

from monitoring.kpis import registry
from monitoring.kpis.days import ZONE
from monitoring.kpis.registry import Kpi, Reading, Target, Unit


@pytest.fixture
def clock():
    """Noon of 10 November 2026 in New York, until it is moved."""
    with time_machine.travel(datetime(2026, 11, 10, 12, tzinfo=ZONE), tick=False) as traveller:
        yield traveller


@pytest.fixture
def kpis(monkeypatch):
    """The only KPIs there are: `kpis("members", lambda day: Reading(7))`."""
    own: dict[str, Kpi] = {}
    monkeypatch.setattr(registry, "_KPIS", own)

    def make(slug="members", measure=lambda day: Reading(7.0), **facts):
        facts = {"title": slug.title(), "group": "People", "unit": Unit.COUNT} | facts
        facts |= {"definition": "How many.", "formula": "count", "source": "table"}
        facts.setdefault("targets", [Target(5)])
        return registry.register(Kpi(slug, place=len(own) + 1, measure=measure, **facts))

    return make

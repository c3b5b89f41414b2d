"""How far sealing is behind, as AuditNotSealed reads it."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from monitoring.audit import trail
from monitoring.audit.models import ActorType, Category
from monitoring.audit_chain import behind, chain
from monitoring.metrics.families import DATABASE_GAUGES

pytestmark = pytest.mark.django_db
HEADS = ("audit_head_age_seconds", "audit_heads_undelivered_seconds")


def oldest():
    return dict(DATABASE_GAUGES["audit_unsealed_oldest_seconds"][2]())[()]


def test_it_works():
    assert oldest() == 0
    trail.record("test.act", category=Category.TECHNICAL, actor_type=ActorType.SYSTEM)
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        assert oldest() == pytest.approx(120, abs=10)
    chain.seal_batch()
    assert oldest() == 0


def test_heads_that_wait_have_waited_since_the_first_of_them(monkeypatch):
    now = timezone.now()
    monkeypatch.setattr(behind, "since_written", lambda: now - timedelta(seconds=10))
    monkeypatch.setattr(behind, "since_undelivered", lambda: now - timedelta(seconds=500))
    figures = {name: dict(DATABASE_GAUGES[name][2]())[()] for name in HEADS}
    assert figures == {HEADS[0]: pytest.approx(10, abs=5), HEADS[1]: pytest.approx(500, abs=5)}

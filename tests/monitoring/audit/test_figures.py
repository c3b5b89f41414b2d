"""How far sealing is behind, as AuditNotSealed reads it."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from monitoring.audit import trail
from monitoring.audit.models import ActorType, Category
from monitoring.audit_chain import chain
from monitoring.metrics.families import DATABASE_GAUGES

pytestmark = pytest.mark.django_db


def oldest():
    return dict(DATABASE_GAUGES["audit_unsealed_oldest_seconds"][2]())[()]


def test_it_works():
    assert oldest() == 0
    trail.record("test.act", category=Category.TECHNICAL, actor_type=ActorType.SYSTEM)
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        assert oldest() == pytest.approx(120, abs=10)
    chain.seal_batch()
    assert oldest() == 0

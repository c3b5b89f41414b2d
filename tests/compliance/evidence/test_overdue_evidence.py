"""A picture that outlives its time is seen from outside, whatever keeps it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance.desk import sweeping
from compliance.evidence.models import Evidence
from monitoring.metrics.families import DATABASE_GAUGES

pytestmark = pytest.mark.django_db


def overdue():
    return dict(DATABASE_GAUGES["evidence_overdue_seconds"][2]())[()]


def test_it_works(pending):
    pending()
    assert overdue() == 0
    Evidence.objects.update(destroy_at=timezone.now() - timedelta(hours=1))
    assert overdue() == pytest.approx(3600, abs=30)
    sweeping.sweep()
    assert overdue() == 0

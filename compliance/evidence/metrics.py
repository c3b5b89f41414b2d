"""Pictures that lie in the store, in figures."""

from collections.abc import Iterable

from django.db.models import Min
from django.utils import timezone

from compliance import policy
from compliance.evidence.models import Evidence
from compliance.verification.states import REVIEWABLE
from monitoring.metrics.families import database_gauge
from monitoring.ui.words import span


def _oldest_picture() -> Iterable[tuple[tuple[str, ...], float]]:
    now = timezone.now()
    waiting = Evidence.objects.filter(destroyed_at__isnull=True, request__state__in=REVIEWABLE)
    oldest = waiting.aggregate(at=Min("stored_at"))["at"]
    yield (), (now - oldest).total_seconds() if oldest else 0.0


def _evidence_overdue() -> Iterable[tuple[tuple[str, ...], float]]:
    now = timezone.now()
    due = Evidence.objects.filter(destroyed_at__isnull=True, destroy_at__lte=now)
    oldest = due.aggregate(at=Min("destroy_at"))["at"]
    yield (), (now - oldest).total_seconds() if oldest else 0.0


database_gauge(
    "age_verification_oldest_picture_seconds",
    f"Age of the oldest picture that waits for a review; at {span(policy.EVIDENCE_LIFE)} it is "
    "destroyed undecided.",
    [],
    _oldest_picture,
)


database_gauge(
    "evidence_overdue_seconds",
    "How long the picture that should be destroyed most has outlived its time.",
    [],
    _evidence_overdue,
)

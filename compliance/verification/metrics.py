"""age_verification_total, and the figures of the queue."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count, Min
from django.utils import timezone

from compliance.verification.models import VerificationRequest
from compliance.verification.states import REVIEWABLE, Method
from monitoring.metrics.families import CounterFamily, HistogramFamily, database_gauge

STATUSES = ("pending", "approved", "denied", "more_requested", "expired", "withdrawn", "error")
RESULTS = ("none", "passed", "failed")
_RESULT_OF = {"approved": "passed", "denied": "failed"}

age_verification_total = CounterFamily(
    "age_verification_total",
    "Age verification attempts by what became of them; error is our own failure.",
    {"status": STATUSES, "method": tuple(Method.values), "result": RESULTS},
)
review_seconds = HistogramFamily(
    "age_verification_review_seconds",
    "From the first submission to the decision.",
    {"method": tuple(Method.values)},
    buckets=(60, 120, 300, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200, 14400, 28800, 86400),
)


def count(status: str, method: str) -> None:
    """Count one step when the transaction commits."""
    result = _RESULT_OF.get(status, "none")
    transaction.on_commit(
        lambda: age_verification_total.inc(status=status, method=method, result=result)
    )


def count_failure(method: str = Method.ID_DOCUMENT) -> None:
    """Count one failure of our own, at once: there may be no commit."""
    age_verification_total.inc(status="error", method=method, result="none")


def _depth() -> Iterable[tuple[tuple[str, ...], float]]:
    found = dict(
        VerificationRequest.objects.reviewable()
        .order_by()
        .values_list("state")
        .annotate(n=Count("pk"))
    )
    for state in REVIEWABLE:
        yield (state.value,), found.get(state.value, 0)


def _overdue() -> Iterable[tuple[tuple[str, ...], float]]:
    yield (), VerificationRequest.objects.overdue().count()


def _oldest() -> Iterable[tuple[tuple[str, ...], float]]:
    oldest = VerificationRequest.objects.reviewable().aggregate(at=Min("submitted_at"))["at"]
    yield (), (timezone.now() - oldest).total_seconds() if oldest else 0.0


database_gauge(
    "age_verification_queue_depth", "Requests that wait for a review.", ["state"], _depth
)
database_gauge(
    "age_verification_overdue", "Requests that wait past their review deadline.", [], _overdue
)
database_gauge(
    "age_verification_oldest_pending_seconds",
    "Age of the oldest request that waits, from its first submission.",
    [],
    _oldest,
)

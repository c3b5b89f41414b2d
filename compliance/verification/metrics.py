"""age_verification_total, and the figures of the queue."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count, Min
from django.utils import timezone

from compliance import policy
from compliance.verification import quality
from compliance.verification.models import Evidence, VerificationRequest
from compliance.verification.quality_models import Dispute, SecondReview
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


second_reviews_total = CounterFamily(
    "age_verification_second_reviews_total",
    "Blind second reviews by how they ended; expired was answered by nobody in 72 hours.",
    {"outcome": ("agreed", "disagreed", "expired")},
)


golden_cases_total = CounterFamily(
    "age_verification_golden_cases_total",
    "Practice cases by how they were decided; unseen was decided by nobody.",
    {"outcome": ("right", "wrong", "unseen")},
)


def count_golden_case(outcome: str) -> None:
    """Count a practice case that was judged, when the transaction commits."""
    transaction.on_commit(lambda: golden_cases_total.inc(outcome=outcome))


def count_second_review(outcome: str) -> None:
    """Count the end of a second review when the transaction commits."""
    transaction.on_commit(lambda: second_reviews_total.inc(outcome=outcome))


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


def _oldest_picture() -> Iterable[tuple[tuple[str, ...], float]]:
    now = timezone.now()
    waiting = Evidence.objects.filter(destroyed_at__isnull=True, request__state__in=REVIEWABLE)
    oldest = waiting.aggregate(at=Min("stored_at"))["at"]
    yield (), (now - oldest).total_seconds() if oldest else 0.0


def _second_reviews() -> Iterable[tuple[tuple[str, ...], float]]:
    yield (), SecondReview.objects.due().count()


def _disputes() -> Iterable[tuple[tuple[str, ...], float]]:
    yield (), Dispute.objects.unsettled().count()


def _agreement() -> Iterable[tuple[tuple[str, ...], float]]:
    rate = quality.agreement_rate(timezone.now() - policy.QUALITY_PERIOD)
    if rate is not None:
        yield (), rate


def _evidence_overdue() -> Iterable[tuple[tuple[str, ...], float]]:
    now = timezone.now()
    due = Evidence.objects.filter(destroyed_at__isnull=True, destroy_at__lte=now)
    oldest = due.aggregate(at=Min("destroy_at"))["at"]
    yield (), (now - oldest).total_seconds() if oldest else 0.0


database_gauge(
    "age_verification_oldest_picture_seconds",
    "Age of the oldest picture that waits for a review; at 72 hours it is destroyed undecided.",
    [],
    _oldest_picture,
)
database_gauge(
    "evidence_overdue_seconds",
    "How long the picture that should be destroyed most has outlived its time.",
    [],
    _evidence_overdue,
)
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
database_gauge(
    "age_verification_second_reviews_due", "Blind second reviews that wait.", [], _second_reviews
)
database_gauge(
    "age_verification_disputes_open", "Disputes of two reviewers that wait.", [], _disputes
)
database_gauge(
    "age_verification_agreement_ratio",
    "Share of second reviews of the last 30 days that agreed; absent when there are none.",
    [],
    _agreement,
)

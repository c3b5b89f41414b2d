"""Second reviews, disputes and practice cases in figures."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from compliance import policy
from compliance.quality import figures
from compliance.quality.models import Dispute, SecondReview
from monitoring.metrics.families import CounterFamily, database_gauge
from monitoring.ui.words import span

second_reviews_total = CounterFamily(
    "age_verification_second_reviews_total",
    "Blind second reviews by how they ended; expired was answered by nobody in "
    f"{span(policy.EVIDENCE_LIFE)}.",
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


def _second_reviews() -> Iterable[tuple[tuple[str, ...], float]]:
    yield (), SecondReview.objects.due().count()


def _disputes() -> Iterable[tuple[tuple[str, ...], float]]:
    yield (), Dispute.objects.unsettled().count()


def _agreement() -> Iterable[tuple[tuple[str, ...], float]]:
    rate = figures.agreement_rate(timezone.now() - policy.QUALITY_PERIOD)
    if rate is not None:
        yield (), rate


database_gauge(
    "age_verification_second_reviews_due", "Blind second reviews that wait.", [], _second_reviews
)


database_gauge(
    "age_verification_disputes_open", "Disputes of two reviewers that wait.", [], _disputes
)


database_gauge(
    "age_verification_agreement_ratio",
    f"Share of second reviews of the last {span(policy.QUALITY_PERIOD)} that agreed; absent when "
    "there are none.",
    [],
    _agreement,
)

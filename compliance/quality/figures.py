"""How well we judge: agreement of second reviews, and practice cases, over a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Avg, Count, F, Max, Q

from compliance.quality.models import GoldenCase, SecondReview
from compliance.verification.models import Decision
from monitoring.people import Person

_AGREED, _DISAGREED = SecondReview.Outcome.AGREED, SecondReview.Outcome.DISAGREED


def agreement_rate(since: datetime) -> float | None:
    """Share of answered second reviews that agreed with the first decision, 0 to 1.

    None when none was answered since then: nothing is known, which is not 0.
    """
    found = SecondReview.objects.counted().filter(closed_at__gte=since)
    total = found.count()
    return found.filter(outcome=_AGREED).count() / total if total else None


@dataclass(frozen=True)
class Figures:
    """Of everybody, or of one person's own decisions."""

    decided: int
    agreed: int
    disagreed: int
    expired: int
    right: int
    wrong: int
    waited: timedelta | None  # from due to answered, on average
    longest: timedelta | None

    @property
    def compared(self) -> int:
        return self.agreed + self.disagreed

    @property
    def judged(self) -> int:
        return self.right + self.wrong

    @property
    def share_percent(self) -> str:
        """Second looks of all decisions."""
        return percent(self.compared, self.decided)

    @property
    def agreement_percent(self) -> str:
        return percent(self.agreed, self.compared)

    @property
    def right_percent(self) -> str:
        return percent(self.right, self.judged)


def figures(since: datetime, person: Person | None = None) -> Figures:
    """What was decided, compared and judged since then; of one person when named."""
    decisions = _decisions(since)
    reviews = SecondReview.objects.filter(closed_at__gte=since)
    cases = GoldenCase.objects.filter(closed_at__gte=since)
    if person is not None:
        decisions = decisions.filter(decided_by=person)
        reviews = reviews.filter(first_by=person)
        cases = cases.filter(decided_by=person)
    waited = F("answered_at") - F("due_at")
    seen = reviews.aggregate(
        agreed=Count("pk", filter=Q(outcome=_AGREED)),
        disagreed=Count("pk", filter=Q(outcome=_DISAGREED)),
        expired=Count("pk", filter=Q(outcome="expired", due_at__isnull=False)),
        waited=Avg(waited),
        longest=Max(waited),
    )
    judged = cases.aggregate(
        right=Count("pk", filter=Q(outcome="right")), wrong=Count("pk", filter=Q(outcome="wrong"))
    )
    return Figures(decided=decisions.count(), **seen, **judged)


def by_person(since: datetime) -> list[tuple[Any, Figures]]:
    """Everybody whose decisions were made, compared or judged since then, by name."""
    ids = set(_decisions(since).values_list("decided_by", flat=True))
    ids |= set(SecondReview.objects.filter(closed_at__gte=since).values_list("first_by", flat=True))
    ids |= set(GoldenCase.objects.filter(closed_at__gte=since).values_list("decided_by", flat=True))
    people = get_user_model().objects.filter(pk__in=ids - {None}).order_by("username")
    return [(person, figures(since, person)) for person in people]


def percent(part: int, whole: int) -> str:
    """`97 %`; a dash where there is nothing to divide by."""
    return f"{part / whole * 100:.0f} %" if whole else "–"


def _decisions(since: datetime) -> Any:
    """First decisions about pictures of members that stand beyond their undo window."""
    return Decision.objects.filter(
        decided_at__gte=since,
        counted_at__isnull=False,
        undone_at__isnull=True,
        overrides__isnull=True,
        decided_by__isnull=False,
        method="id_document",
        request__member__made_up=False,
    )

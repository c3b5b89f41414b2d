"""How content members are."""

from datetime import date

from django.conf import settings

from compliance import policy
from compliance.feedback.giving import SCORES, month_before, month_of
from compliance.feedback.models import Total
from monitoring import policy as monitoring_policy
from monitoring.kpis.days import Day
from monitoring.kpis.registry import (
    Kpi,
    NotMeasured,
    Part,
    Reading,
    Target,
    TooFew,
    Unit,
    register,
)


def satisfaction(day: Day) -> Reading:
    """The mean of the month; of the one before while this one has too few answers."""
    if not settings.FEEDBACK_POLL:
        raise NotMeasured("The monthly poll is off (FEEDBACK_POLL).")
    month = month_of(day.on)
    months = (month, month_before(month))
    found: dict[date, dict[int, int]] = {one: {} for one in months}
    for row in Total.objects.filter(month__in=months):
        found[row.month][row.score] = row.answers
    enough = [one for one in months if sum(found[one].values()) >= monitoring_policy.KPI_TOO_FEW]
    if not enough:
        if not any(sum(answers.values()) for answers in found.values()):
            raise NotMeasured("Nobody has answered the poll of this month or of the one before.")
        raise TooFew(
            f"Fewer than {monitoring_policy.KPI_TOO_FEW} members answered the poll of this month "
            "or of the one before."
        )
    return _reading(enough[0], found[enough[0]])


def _reading(month: date, answers: dict[int, int]) -> Reading:
    total = sum(answers.values())
    mean = sum(score * number for score, number in answers.items()) / total
    return Reading(mean, [Part("Mean", mean)], f"{month:%B %Y}: {total:,} answers.")


register(
    Kpi(
        slug="satisfaction",
        title="User satisfaction scores",
        group="Community Health",
        place=16,
        definition=f"How content members say they are, from 1 to {max(SCORES)}, in a voluntary "
        "poll a month.",
        formula="sum of scores / answers of the month; of the month before while there are fewer "
        "than 5",
        source="/feedback, sums by month (PostgreSQL)",
        unit=Unit.SCORE,
        measure=satisfaction,
        targets=[Target(policy.SATISFACTION_TARGET)],
    )
)

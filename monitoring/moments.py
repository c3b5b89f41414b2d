"""Moments that people and programs hand in: only those that everything here can hold and show.

PostgreSQL holds years that Python, or a time zone's shift, can't: one of them in a row makes
every page that reads it fail.
"""

from datetime import UTC, datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from monitoring import policy

EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)  # Discord is not older
# Of the constraints: fixed, and far enough for what may be handed in for decades.
LATEST_KEPT = datetime(2100, 1, 1, tzinfo=UTC)


def is_plausible(moment: datetime) -> bool:
    """Whether an aware moment lies between 2015 and some years from now (policy.py)."""
    return EARLIEST <= moment <= timezone.now() + policy.MOMENTS_AHEAD


def refusal(moment: datetime) -> str | None:
    """Why it is not taken, in words; None when it is."""
    if is_plausible(moment):
        return None
    years = policy.MOMENTS_AHEAD.days // 365
    return f"Choose a time between 2015 and {years} years from now."


def kept_in_range(name: str, *fields: str) -> models.CheckConstraint:
    """The constraint that holds what no form saw."""
    holds = Q()
    for field in fields:
        holds &= Q(**{f"{field}__isnull": True}) | Q(
            **{f"{field}__gte": EARLIEST, f"{field}__lt": LATEST_KEPT}
        )
    return models.CheckConstraint(name=name, condition=holds)

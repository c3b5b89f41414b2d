"""A member answers the monthly poll, once a month, and can't be tied to the answer afterwards."""

import hashlib
import hmac
from datetime import date, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from compliance.feedback.models import Mark, Total
from compliance.refusals import Refusal
from monitoring.kpis.days import today

SCORES = {1: "not at all", 2: "a little", 3: "so so", 4: "quite", 5: "very much"}
POLL_OFF = "There is no poll at the moment."
ANSWERED = "You have answered this month already. Thank you; you can answer again next month."


def give(member_id: int, score: int) -> None:
    """Count one answer. Refusals: poll_off, score_unknown, already_answered.

    The mark keeps no score and the total no member; with the month the mark goes.
    """
    if not settings.FEEDBACK_POLL:
        raise Refusal("poll_off", POLL_OFF)
    if score not in SCORES:
        raise Refusal("score_unknown", "Choose a score from 1 to 5, please.")
    month = month_of(today().on)
    with transaction.atomic():
        try:
            with transaction.atomic():
                Mark.objects.create(month=month, mark=mark_of(member_id, month))
        except IntegrityError:
            raise Refusal("already_answered", ANSWERED) from None
        rows = [Total(month=month, score=one) for one in SCORES]
        Total.objects.bulk_create(rows, ignore_conflicts=True)
        Total.objects.filter(month=month, score=score).update(answers=F("answers") + 1)


def mark_of(member_id: int, month: date) -> bytes:
    """The same for a member in one month, another one in the next."""
    key = hashlib.sha256(f"feedback:{settings.SECRET_KEY}".encode()).digest()
    return hmac.digest(key, f"{month:%Y-%m}:{member_id}".encode(), "sha256")


def marks_of(member_id: int) -> list[bytes]:
    """Those that may still be there: of this month and of the one before."""
    month = month_of(today().on)
    return [mark_of(member_id, one) for one in (month, month_before(month))]


def old_marks() -> int:
    """Marks of months that are over."""
    removed: int = Mark.objects.filter(month__lt=month_of(today().on)).delete()[0]
    return removed


def month_of(day: date) -> date:
    return day.replace(day=1)


def month_before(month: date) -> date:
    return month_of(month - timedelta(days=1))

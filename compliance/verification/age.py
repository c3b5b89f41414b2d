"""The age rule (docs/verification.md): born on or before this day is old enough today."""

from datetime import date, datetime

from django.utils import timezone

from compliance.policy import AGE_THRESHOLD_YEARS, AGE_ZONE


def born_on_or_before(at: datetime | None = None, years: int = AGE_THRESHOLD_YEARS) -> date:
    """The latest birth date that is `years` old at `at` in New Jersey.

    Who is born on 29 February comes of age on 1 March of a common year; so on
    28 February the answer is 28 February, and on 1 March it is 1 March.
    """
    today = (at or timezone.now()).astimezone(AGE_ZONE).date()
    try:
        return today.replace(year=today.year - years)
    except ValueError:  # 29 February, and no such day in the year of birth
        return date(today.year - years, 2, 28)


def is_old_enough(born: date, at: datetime | None = None) -> bool:
    """Whether somebody of this birth date is of age at `at`: the birthday rule, from midnight
    in New Jersey on. The date is used here and kept nowhere."""
    return born <= born_on_or_before(at)

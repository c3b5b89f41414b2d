"""The age rule: who is old enough today, in New Jersey."""

from datetime import UTC, date, datetime

import pytest

from compliance.verification.age import born_on_or_before


def noon(year, month, day):
    return datetime(year, month, day, 17, tzinfo=UTC)


def test_it_works():
    assert born_on_or_before(noon(2026, 3, 5)) == date(2005, 3, 5)


@pytest.mark.parametrize(
    ("at", "latest"),
    [
        # Born on 29 February 2008: 21 on 1 March 2029, a common year, and not the day before.
        (noon(2029, 2, 28), date(2008, 2, 28)),
        (noon(2029, 3, 1), date(2008, 3, 1)),
        # On 29 February the 21st birthdays are those up to 28 February of a common year.
        (noon(2028, 2, 29), date(2007, 2, 28)),
        (noon(2028, 3, 1), date(2007, 3, 1)),
        (noon(2028, 12, 31), date(2007, 12, 31)),
        (noon(2029, 1, 1), date(2008, 1, 1)),
    ],
)
def test_leap_years_and_year_ends(at, latest):
    assert born_on_or_before(at) == latest


@pytest.mark.parametrize(
    ("at", "latest"),
    [
        (datetime(2026, 7, 2, 3, 59, 59, tzinfo=UTC), date(2005, 7, 1)),  # 23:59:59, EDT
        (datetime(2026, 7, 2, 4, 0, tzinfo=UTC), date(2005, 7, 2)),
        (datetime(2026, 1, 2, 4, 59, 59, tzinfo=UTC), date(2005, 1, 1)),  # 23:59:59, EST
        (datetime(2026, 1, 2, 5, 0, tzinfo=UTC), date(2005, 1, 2)),
    ],
)
def test_the_day_begins_at_midnight_in_new_jersey(at, latest):
    assert born_on_or_before(at) == latest


def test_another_threshold():
    assert born_on_or_before(noon(2026, 3, 5), years=18) == date(2008, 3, 5)

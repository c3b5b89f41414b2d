"""Today is New York's, also in the evening, when it is tomorrow in UTC."""

from datetime import UTC, date, datetime

import pytest

from monitoring.kpis import days


@pytest.mark.parametrize(
    ("moment", "on"),
    [
        (datetime(2026, 3, 1, 4, 59, tzinfo=UTC), date(2026, 2, 28)),
        (datetime(2026, 3, 1, 5, 0, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 7, 1, 3, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 7, 1, 4, 0, tzinfo=UTC), date(2026, 7, 1)),
    ],
)
def test_the_day(moment, on):
    assert days.today(moment).on == on

"""Lengths of time of policy in sentences."""

from datetime import UTC, datetime, timedelta

import pytest

from monitoring.ui import words


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(seconds=10), "10 seconds"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=72), "72 hours"),
        (timedelta(days=7), "7 days"),
        (timedelta(days=365), "1 year"),
        (timedelta(days=730), "2 years"),
        (timedelta(days=366), "366 days"),
    ],
)
def test_a_number_of_policy_is_said_exactly(length, said):
    assert words.span(length) == said


@pytest.mark.parametrize(
    ("days", "said"),
    [(1, "yesterday, 12:00"), (6, "Tuesday 12:00"), (7, "23 Nov 2026"), (-7, "7 Dec 2026")],
)
def test_a_weekday_is_one_of_this_week(days, said):
    now = datetime(2026, 11, 30, 12, tzinfo=UTC)
    assert words.ago(now - timedelta(days=days), now) == said

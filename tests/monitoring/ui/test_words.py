"""Lengths of time of policy in sentences."""

from datetime import timedelta

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

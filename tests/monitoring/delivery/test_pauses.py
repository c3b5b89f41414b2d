"""Pauses between tries: they double up to a bound, and no two are the same."""

from datetime import timedelta

import pytest

from monitoring.delivery.pauses import pause

FIRST, LONGEST = timedelta(seconds=1), timedelta(minutes=5)


@pytest.mark.parametrize(
    ("tries", "whole"), [(1, 1), (2, 2), (5, 16), (9, 256), (10, 300), (30, 300), (10_000, 300)]
)
def test_it_works(tries, whole):
    for _ in range(50):
        found = pause(tries, first=FIRST, longest=LONGEST).total_seconds()
        assert whole / 2 <= found <= whole


def test_what_failed_together_comes_back_apart():
    assert len({pause(5, first=FIRST, longest=LONGEST) for _ in range(50)}) > 40

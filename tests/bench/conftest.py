"""What benchmarks share: a stopwatch for rivals in turn, and one way to say what came out."""

import statistics
import time
from collections.abc import Callable

import pytest


def medians_of(
    *acts: Callable[[], object], times: int = 40, warm_up: int = 5, in_a_row: int = 1
) -> list[float]:
    """The median seconds of each act, taken in turn (ABAB…): a busy minute slows all alike.

    `in_a_row`: each act so often before it is the next one's turn, where one empties the
    processor's caches for the other.
    """
    for _ in range(warm_up):
        for act in acts:
            act()
    taken: list[list[float]] = [[] for _ in acts]
    for _ in range(times // in_a_row):
        for act, seconds in zip(acts, taken, strict=True):
            for _ in range(in_a_row):
                began = time.perf_counter()
                act()
                seconds.append(time.perf_counter() - began)
    return [statistics.median(seconds) for seconds in taken]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[..., None]:
    """Print one result: what, its ratio, the goal, and what it was measured against."""

    def one(what: str, ratio: float, goal: str, against: str) -> None:
        with capsys.disabled():
            print(f"\n{what}: {ratio:.2f} (goal {goal}); {against}")

    return one

"""What benchmarks share: a stopwatch, and one way to say what came out."""

import statistics
import time
from collections.abc import Callable

import pytest


def median_of(act: Callable[[], object], *, times: int = 40, warm_up: int = 5) -> float:
    """The median seconds of an act."""
    for _ in range(warm_up):
        act()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[..., None]:
    """Print one result: what, its ratio, the goal, and what it was measured against."""

    def one(what: str, ratio: float, goal: str, against: str) -> None:
        with capsys.disabled():
            print(f"\n{what}: {ratio:.2f} (goal {goal}); {against}")

    return one

"""What benchmarks share: a stopwatch for rivals in turn, and one way to say what came out."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from django.db import connection


class Cost(NamedTuple):
    """Median seconds of an act: by the clock, and of processor time.

    Processor time is this process's and its PostgreSQL backend's. It is the same on a busy
    machine, so ratios are judged by it; the clock's time is printed beside it.
    """

    wall: float
    cpu: float


def costs_of(*acts: Callable[[], object], times: int = 40, warm_up: int = 5) -> list[Cost]:
    """The cost of each act, taken in turn (ABAB…): a busy minute slows all alike."""
    for _ in range(warm_up):
        for act in acts:
            act()
    taken: list[list[Cost]] = [[] for _ in acts]
    for _ in range(times):
        for act, costs in zip(acts, taken, strict=True):
            wall, cpu = time.perf_counter(), _cpu()
            act()
            costs.append(Cost(time.perf_counter() - wall, _cpu() - cpu))
    return [
        Cost(*(statistics.median(each) for each in zip(*costs, strict=True))) for costs in taken
    ]


def _cpu() -> float:
    """Processor seconds so far. A query must not spread over parallel workers meanwhile."""
    with connection.cursor() as cursor:
        pid = cursor.connection.info.backend_pid
    on_cpu_ns = int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
    return time.process_time() + on_cpu_ns / 1e9


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[..., None]:
    """Print one result: what, its ratio, the goal, and what it was measured against."""

    def one(what: str, ratio: float, goal: str, against: str) -> None:
        with capsys.disabled():
            print(f"\n{what}: {ratio:.2f} (goal {goal}); {against}")

    return one

"""What benchmarks share: a stopwatch for rivals in turn, and one way to say what came out.

`./dev bench` runs them in full. Elsewhere they are small: everything is done, little of it, and
no time is judged, so that a benchmark doesn't rot until somebody measures again.
"""

import os
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from django.db import connection

SMALL = os.environ.get("GROWMIES_BENCH") != "full"
needs_a_stack = pytest.mark.skipif(SMALL, reason="needs a whole stack of its own: ./dev bench")


def sized(full: int, small: int) -> int:
    """How much of something there is."""
    return small if SMALL else full


class Cost(NamedTuple):
    """Median seconds of an act: by the clock, and of processor time.

    Processor time is this process's, its ended children's and its PostgreSQL backend's. It is the
    same on a busy machine, so ratios are judged by it; the clock's time is printed beside it.
    """

    wall: float
    cpu: float


def costs_of(*acts: Callable[[], object], times: int = 40, warm_up: int = 5) -> list[Cost]:
    """The cost of each act, taken in turn (ABAB…): a busy minute slows all alike."""
    times, warm_up = sized(times, 2), sized(warm_up, 1)
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
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + used.ru_utime + used.ru_stime + on_cpu_ns / 1e9


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[..., None]:
    """Print one result: what, its ratio, the goal, and what it was measured against.

    Small, it says nothing: what comes out then means nothing.
    """

    def one(what: str, ratio: float, goal: str, against: str) -> None:
        if SMALL:
            return
        with capsys.disabled():
            print(f"\n{what}: {ratio:.2f} (goal {goal}); {against}")

    return one

"""How long `./dev up --detach` and `./dev down` take on a data folder that is set up."""

import statistics
import time
from collections.abc import Callable

from tests.bench.conftest import needs_a_stack
from tests.running import Stack, running_stack

START_GOAL_SECONDS = DOWN_GOAL_SECONDS = 15
TIMES = 3


@needs_a_stack
def test_a_second_start(say: Callable[..., None]) -> None:
    with running_stack() as stack:
        down, up = zip(*(_again(stack) for _ in range(TIMES)), strict=True)
    for what, taken, goal in (
        ("a second start", up, START_GOAL_SECONDS),
        ("down", down, DOWN_GOAL_SECONDS),
    ):
        median = statistics.median(taken)
        say(
            f"seconds of {what}, of {goal}",
            median / goal,
            "1 at most",
            f"{median:.1f} s median of {TIMES}, {max(taken):.1f} s at most, by the clock",
        )
    assert statistics.median(up) <= START_GOAL_SECONDS
    assert max(down) <= DOWN_GOAL_SECONDS


def _again(stack: Stack) -> tuple[float, float]:
    """Seconds of a stop, and of the start after it."""
    taken = []
    for arguments in (("down",), ("up", "--detach")):
        began = time.perf_counter()
        done = stack.dev(*arguments)
        taken.append(time.perf_counter() - began)
        assert done.returncode == 0, done.stdout + done.stderr
    return taken[0], taken[1]

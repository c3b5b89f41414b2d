"""./dev down in the middle of everything, and a worker that is told to stop or is killed."""

import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.faults.conftest import FULL
from tests.faults.people import Crowd
from tests.running import processes_of

REQUESTS = 100 if FULL else 24


def test_down_while_moderators_decide(crowd: Crowd) -> None:
    stack = crowd.stack
    wave = crowd.members(REQUESTS)
    stack.practice("POST", "/faults", kind="latency", delay_seconds=2, seconds=60)
    stop = threading.Event()
    with ThreadPoolExecutor(4) as pool:
        working = [pool.submit(m.work, wave, stop) for m in crowd.moderators]
        while len(wave.answered) < REQUESTS // 2:
            time.sleep(0.02)
        stack.end_shell()
        began = time.monotonic()
        down = stack.dev("down", timeout=60)
        took = time.monotonic() - began
        assert down.returncode == 0, down.stderr
        assert took < 15, f"it took {took:.1f} s"
        assert processes_of(stack) == []
        up = stack.dev("up", "--detach")
        assert up.returncode == 0, up.stdout + up.stderr
        for future in working:
            future.result(120)
    crowd.decide_all(wave)
    crowd.check(wave, within_seconds=90)


_JOB = """
import json
from monitoring.maintenance.models import JobRun
newest = JobRun.objects.filter(job="daily_cleanup").order_by("-id").first()
print(json.dumps([newest.pk, newest.state]))
"""


def test_a_run_that_was_queued_is_run_by_the_next_worker(
    crowd: Crowd, eventually: Callable[..., Any]
) -> None:
    stack = crowd.stack
    operator = crowd.staff("operator")
    before = stack.python(_JOB)[0]
    stack.stop("worker")
    operator.post("/maintenance/daily_cleanup/run/")
    assert stack.python(_JOB)[1] == "queued"
    stack.start("worker")
    eventually(
        lambda: (run := stack.python(_JOB))[0] > before and run[1] == "succeeded",
        within_seconds=60,
        every_seconds=1,
    )
    operator.client.close()


def test_a_killed_workers_task_is_delivered_again(
    crowd: Crowd, eventually: Callable[..., Any]
) -> None:
    """The pool's process dies with a task in hand (reject_on_worker_lost): the row is ended."""
    stack = crowd.stack
    parent = stack.pid("worker")
    children = os.popen(f"pgrep -P {parent}").read().split()
    assert children
    for child in children:
        os.kill(int(child), signal.SIGKILL)
    wave = crowd.members(4)
    crowd.decide_all(wave)
    crowd.check(wave, within_seconds=60)

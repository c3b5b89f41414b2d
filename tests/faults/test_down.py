"""./dev down in the middle of everything, and a worker that is told to stop or is killed."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import psycopg
import pytest

from tests.faults.conftest import FULL
from tests.faults.people import Crowd
from tests.running import Stack, processes_of

REQUESTS = 60 if FULL else 24


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


_RUN = """
import json
from monitoring.audit.models import Entry
from monitoring.maintenance.models import JobRun
run = JobRun.objects.get(pk=%s)
ended = Entry.objects.filter(target_type="maintenance.jobrun", target_id=str(run.pk)).exclude(
    action="job.run_requested").values_list("action", flat=True)
print(json.dumps([run.state, run.attempts, run.step, list(ended)]))
"""

# As after a minute of silence; who lives says so within ten seconds.
_SILENT = """
import json
from datetime import timedelta
from django.utils import timezone
from monitoring.maintenance.models import JobRun
long_ago = timezone.now() - timedelta(minutes=2)
print(json.dumps(JobRun.objects.filter(pk=%s, state="running").update(alive_at=long_ago)))
"""


@contextlib.contextmanager
def something_the_clean_up_waits_for(stack: Stack) -> Iterator[None]:
    """A session that is over, and locked by somebody else."""
    with psycopg.connect(stack.layout.environment()["DATABASE_URL"], autocommit=True) as other:
        other.execute(
            "INSERT INTO django_session (session_key, session_data, expire_date)"
            " VALUES (gen_random_uuid()::varchar(40), '', now() - interval '1 day')"
        )
        with other.transaction():
            other.execute("SELECT 1 FROM django_session WHERE expire_date < now() FOR UPDATE")
            yield


@pytest.mark.parametrize("how", ["told to stop", "its pool killed", "killed"])
def test_a_run_in_hand_is_run_again_by_the_next_worker(
    crowd: Crowd, eventually: Callable[..., Any], how: str
) -> None:
    stack = crowd.stack
    operator = crowd.staff("operator")
    eventually(lambda: stack.python(_JOB)[1] == "succeeded", within_seconds=60, every_seconds=1)
    with something_the_clean_up_waits_for(stack):
        operator.post("/maintenance/daily_cleanup/run/")
        run = stack.python(_JOB)[0]
        eventually(lambda: stack.python(_RUN % run)[2] == "Sessions that have ended",
                   within_seconds=60)  # fmt: skip
        parent = psutil.Process(stack.pid("worker"))
        pool = parent.children()
        assert pool
        if how == "told to stop":
            stack.stop("worker")
            assert not any(process.is_running() for process in (parent, *pool))
            stack.start("worker")
        else:
            for process in pool if how == "its pool killed" else [parent, *pool]:
                process.kill()
        assert stack.python(_RUN % run)[:2] == ["running", 1]
        stack.python(_SILENT % run)
    eventually(
        lambda: stack.python(_RUN % run)[0] == "succeeded", within_seconds=90, every_seconds=1
    )
    assert stack.python(_RUN % run) == ["succeeded", 2, "", ["job.succeeded"]]
    operator.client.close()


def test_evidence_is_destroyed_though_the_pool_is_killed(crowd: Crowd) -> None:
    for process in psutil.Process(crowd.stack.pid("worker")).children():
        process.kill()
    wave = crowd.members(4)
    crowd.decide_all(wave)
    crowd.check(wave, within_seconds=60)

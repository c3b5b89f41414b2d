"""kill -9 of any process while moderators decide: nothing is lost, nothing is done twice."""

import os
import signal
import time

import pytest

from tests.faults.conftest import FULL
from tests.faults.people import Crowd, Wave

PROCESSES = ("web", "worker", "beat", "bot", "postgres", "valkey", "prometheus", "practice")
ROUNDS = [(name,) for name in PROCESSES] if FULL else [PROCESSES]
REQUESTS = 200 if FULL else 64


@pytest.mark.parametrize("victims", ROUNDS, ids=lambda names: "+".join(names))
def test_everything_is_done_once(crowd: Crowd, victims: tuple[str, ...]) -> None:
    wave = crowd.members(REQUESTS)

    def kill(wave: Wave) -> None:
        for number, name in enumerate(victims, start=1):
            share = REQUESTS * number / (len(victims) + 1)
            deadline = time.monotonic() + 60
            while len(wave.answered) < share and time.monotonic() < deadline:
                time.sleep(0.02)
            os.kill(crowd.stack.pid(name), signal.SIGKILL)

    crowd.decide_all(wave, meanwhile=kill)
    crowd.check(wave, within_seconds=90)

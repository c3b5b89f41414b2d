"""Pictures, the provider's answers, overrides and second reviews at once, while processes die."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

from tests.faults.conftest import FULL
from tests.faults.people import Crowd, Wave

VICTIMS = ("web", "bot", "postgres", "worker")
REQUESTS = 200 if FULL else 40
OF_THE_PROVIDER = REQUESTS // 5
OVERRIDES = REQUESTS // 10


def test_each_is_decided_as_the_last_word_says(crowd: Crowd) -> None:
    wave = crowd.members(REQUESTS - OF_THE_PROVIDER, drawn=0.3)
    pictures = list(wave.requests.values())
    drawn = crowd.drawn(wave)
    assert drawn
    crowd.at_the_provider(OF_THE_PROVIDER, wave)

    def override_some() -> None:
        """As many of the pictures as of the provider's."""
        deadline = time.monotonic() + 200
        for kind in (pictures, list(wave.references)):
            candidates = [request for request in kind if request not in drawn]
            done = 0
            while done < OVERRIDES // 2 and time.monotonic() < deadline:
                for request in candidates:
                    _, who = wave.answered.get(request, ("", "compliance"))
                    if who != "compliance" and request not in wave.overridden:
                        crowd.override(wave, request)
                        done += 1
                        break
                time.sleep(0.2)

    def break_things(wave: Wave) -> None:
        with ThreadPoolExecutor(2) as others:
            working = [
                others.submit(crowd.provider_answers, wave),
                others.submit(override_some),
            ]
            for number, name in enumerate(VICTIMS, start=1):
                share = REQUESTS * number / (len(VICTIMS) + 1)
                deadline = time.monotonic() + 60
                while len(wave.answered) < share and time.monotonic() < deadline:
                    time.sleep(0.02)
                os.kill(crowd.stack.pid(name), signal.SIGKILL)
            for future in working:
                future.result(240)

    crowd.decide_all(wave, meanwhile=break_things)
    assert len(wave.overridden) == OVERRIDES
    assert len(wave.overridden.keys() & set(pictures)) == OVERRIDES // 2
    assert crowd.look_a_second_time(wave) == len(drawn)
    crowd.check(wave, within_seconds=90)

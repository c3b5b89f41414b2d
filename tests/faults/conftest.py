"""The stack that is broken on purpose, and the moderators and members who must not notice.

`./dev test` runs every fault in a short form; `./dev test --faults` in full (FULL).
"""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.faults.people import Crowd
from tests.running import Stack, eventually, running_stack

FULL = os.environ.get("GROWMIES_FAULTS") == "full"


class EachWhereverThereIsRoom(LoadScopeScheduling):
    """Any test on any stack, for each leaves its stack whole; those with a stack of their own
    stay together."""

    def _split_scope(self, nodeid: str) -> str:
        return "alerts" if "/test_alerts.py" in nodeid else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> EachWhereverThereIsRoom:
    return EachWhereverThereIsRoom(config, log)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    # A shorter undo window than the ten seconds of production: what waits for it is the same.
    with running_stack(UNDO_WINDOW_SECONDS="3") as running:
        yield running


@pytest.fixture(scope="session")
def people(stack: Stack) -> Iterator[Crowd]:
    # Signed in once: who signs in every few seconds is slowed down.
    with Crowd(stack) as found:
        yield found


@pytest.fixture
def crowd(stack: Stack, people: Crowd) -> Iterator[Crowd]:
    """Members and moderators. Each test begins with a healthy stack and leaves one behind."""
    eventually(stack.is_healthy, within_seconds=90, every_seconds=1)
    stack.practice("DELETE", "/faults")
    yield people
    stack.practice("DELETE", "/faults")


@pytest.fixture(name="eventually")
def eventually_fixture() -> Callable[..., Any]:
    return eventually

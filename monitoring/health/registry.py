"""The registry of health checks; rooms register theirs in `checks.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from monitoring import policy

WEB, BOT = "web", "bot"


class Unhealthy(Exception):
    """A check that failed, in a few words that may be shown to anybody, and what it found."""

    status = "unhealthy"

    def __init__(self, sentence: str, **fields: Any) -> None:
        self.fields = fields
        super().__init__(sentence)


class Degraded(Unhealthy):
    """Something is missing that nothing depends on; the check's own status says `degraded`."""

    status = "degraded"


@dataclass(frozen=True)
class Check:
    """One check. `run` returns the fields that /health shows, or raises Unhealthy.

    It runs in a thread and may block; after `bound` nobody waits for it any more, and what it
    says later is dropped. Failing critical checks make the status `unhealthy`, others
    `degraded`. `runbook` is the page under docs/ that says what to do.
    """

    name: str
    run: Callable[[], dict[str, Any]]
    critical: bool
    processes: frozenset[str]
    runbook: str
    bound: timedelta = policy.HEALTH_CHECK_BOUND


_CHECKS: dict[tuple[str, str], Check] = {}


def register(check: Check) -> Check:
    """Add a check, for each of its processes; the same name again replaces it."""
    for process in check.processes:
        _CHECKS[process, check.name] = check
    return check


def checks_of(process: str) -> list[Check]:
    return [check for (where, _), check in _CHECKS.items() if where == process]

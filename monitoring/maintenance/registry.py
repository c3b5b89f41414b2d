"""The registry of jobs. Rooms register theirs in `jobs.py`; the schedule follows from it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from celery.schedules import crontab

from monitoring.maintenance import words

if TYPE_CHECKING:
    from monitoring.maintenance.running import Context


@dataclass(frozen=True)
class Job:
    """A recorded job: each run is a row with progress, lines and findings.

    `schedule` is in New York time. `every` is how long there may be between two runs.
    `run` may run twice; it says how far it is through its Context.
    """

    name: str
    title: str
    description: str
    schedule: crontab
    every: timedelta
    run: Callable[["Context"], None]
    runbook: str = ""
    guide: str = ""

    @property
    def schedule_words(self) -> str:
        """When it runs unless somebody changed that."""
        return words.of_schedule(self.schedule)


@dataclass(frozen=True)
class Pulse:
    """A frequent task that is not recorded: it leaves its traces in what it does."""

    name: str
    task: str
    every: timedelta
    queue: str = "default"


_JOBS: dict[str, Job] = {}
_PULSES: dict[str, Pulse] = {}


class UnknownJob(LookupError):
    """No room registers a job of that name."""


def register(job: Job) -> Job:
    _JOBS[job.name] = job
    return job


def every(name: str, *, task: str, interval: timedelta, queue: str = "default") -> None:
    """Register a frequent task, by the dotted name of its Celery task."""
    _PULSES[name] = Pulse(name, task, interval, queue)


def get(name: str) -> Job:
    """Raises UnknownJob."""
    try:
        return _JOBS[name]
    except KeyError:
        raise UnknownJob(name) from None


def all_jobs() -> list[Job]:
    return sorted(_JOBS.values(), key=lambda job: job.title)


def all_pulses() -> list[Pulse]:
    return sorted(_PULSES.values(), key=lambda pulse: pulse.name)

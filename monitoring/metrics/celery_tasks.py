"""Counts and times the tasks of the worker's pool."""

import time
from typing import Any

from celery import Task, current_app
from celery.signals import task_postrun, task_prerun, worker_init, worker_process_init

from monitoring.metrics import metrics
from monitoring.metrics.families import OTHER

_STATES = {"SUCCESS": "succeeded", "FAILURE": "failed", "RETRY": "retried"}
_TASKS_AT_MOST = 200
_began: dict[str, float] = {}


@worker_init.connect
def learn_tasks(**_: Any) -> None:
    """The tasks of all rooms become the known values, and start at 0."""
    names = sorted(name for name in current_app.tasks if not name.startswith("celery."))
    for family in (
        metrics.celery_tasks_total,
        metrics.celery_task_duration_seconds,
        metrics.celery_task_last_success_timestamp_seconds,
    ):
        family.bounded.learn("task", names, at_most=_TASKS_AT_MOST)


@worker_process_init.connect
def count_process(**_: Any) -> None:
    # Here and not in the parent, whose own file nobody would take away.
    metrics.celery_tasks_total.start_at_zero()
    metrics.celery_pool_processes.set(1)


@task_prerun.connect
def began(task_id: str = "", **_: Any) -> None:
    _began[task_id] = time.monotonic()


@task_postrun.connect
def ended(
    task_id: str = "", task: Task[Any, Any] | None = None, state: str | None = None, **_: Any
) -> None:
    began_at = _began.pop(task_id, None)
    name = (task.name if task is not None else None) or OTHER
    counted = _STATES.get(state or "", "failed")
    metrics.celery_tasks_total.inc(task=name, state=counted)
    if began_at is not None:
        metrics.celery_task_duration_seconds.observe(time.monotonic() - began_at, task=name)
    if counted == "succeeded":
        metrics.celery_task_last_success_timestamp_seconds.set(time.time(), task=name)

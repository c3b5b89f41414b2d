"""Celery tasks of maintenance: thin; the run's row makes them safe to run twice."""

import structlog
from celery import shared_task

from monitoring.maintenance import running
from monitoring.maintenance.models import Trigger
from monitoring.refusals import Refusal

log = structlog.get_logger(__name__)


@shared_task
def run_job(run_id: int) -> None:
    """Run one queued run."""
    running.run(run_id)


@shared_task
def run_scheduled(name: str) -> None:
    """Beat says that a job is due: queue a run of it, unless one is under way."""
    try:
        running.request_run(name, trigger=Trigger.SCHEDULE)
    except Refusal as why:
        log.info("scheduled_run_not_started", job=name, why=str(why))


@shared_task
def watch() -> None:
    """Every 20 seconds: start again runs whose worker died, and start what was missed."""
    running.recover()
    running.catch_up()

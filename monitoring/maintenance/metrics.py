"""Figures of recorded jobs."""

from collections.abc import Iterable

from django.db.models import Max
from django_celery_beat.models import PeriodicTask

from monitoring.maintenance import registry, schedule
from monitoring.maintenance.models import UNFINISHED, JobRun, RunState
from monitoring.metrics.families import (
    OTHER,
    CounterFamily,
    HistogramFamily,
    database_gauge,
)

# Known job names; jobs.py adds its own at start (monitoring.maintenance.apps).
job_runs_total = CounterFamily(
    "job_runs_total",
    "Finished runs of recorded jobs.",
    {"job": (OTHER,), "state": ("succeeded", "failed", "lost")},
)
job_duration_seconds = HistogramFamily(
    "job_duration_seconds",
    "How long runs of recorded jobs took.",
    {"job": (OTHER,)},
    buckets=(0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600),
)


def _last_success() -> Iterable[tuple[tuple[str, ...], float]]:
    last = (
        JobRun.objects.filter(state=RunState.SUCCEEDED)
        .order_by()
        .values_list("job")
        .annotate(at=Max("finished_at"))
    )
    for job, at in last:
        yield (job,), at.timestamp()


database_gauge(
    "job_last_success_timestamp_seconds",
    "When each recorded job last succeeded.",
    ["job"],
    _last_success,
)


def _last_run_failed() -> Iterable[tuple[tuple[str, ...], float]]:
    """1 for a job whose latest finished run failed or was lost."""
    latest = (
        JobRun.objects.exclude(state__in=UNFINISHED)
        .order_by("job", "-id")
        .distinct("job")
        .values_list("job", "state")
    )
    known = {job.name for job in registry.all_jobs()}
    for job, state in latest:
        if job in known:
            yield (job,), float(state != RunState.SUCCEEDED)


def _period() -> Iterable[tuple[tuple[str, ...], float]]:
    """How often each job should succeed; not the ones that somebody switched off."""
    entries = schedule.entries()
    for job in registry.all_jobs():
        entry = entries.get(job.name)
        if entry is None or entry.enabled:
            yield (job.name,), job.every.total_seconds()


def _beat() -> Iterable[tuple[tuple[str, ...], float]]:
    """Nothing before beat's first start."""
    last = PeriodicTask.objects.aggregate(at=Max("last_run_at"))["at"]
    if last is not None:
        yield (), last.timestamp()


database_gauge(
    "job_last_run_failed",
    "1 while the latest finished run of a recorded job failed or was lost.",
    ["job"],
    _last_run_failed,
)
database_gauge(
    "job_period_seconds",
    "How often each recorded job that is switched on should succeed.",
    ["job"],
    _period,
)
database_gauge(
    "beat_last_dispatch_timestamp_seconds",
    "When beat last started a task; it writes that down every 3 minutes.",
    [],
    _beat,
)

"""Figures of recorded jobs."""

from collections.abc import Iterable

from django.db.models import Max

from monitoring.maintenance.models import JobRun, RunState
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

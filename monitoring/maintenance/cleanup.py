"""Steps of the daily clean-up. Rooms plug theirs in `cleanup_steps.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.contrib.sessions.models import Session
from django.utils import timezone
from psycopg.errors import Diagnostic

from monitoring import policy
from monitoring.database import connecting
from monitoring.maintenance.models import UNFINISHED, JobRun
from monitoring.maintenance.running import Context

_NO_MAINTENANCE = "the site's role may not tend them: set DATABASE_MAINTENANCE_URL"


@dataclass(frozen=True)
class Step:
    """`act` removes what is too old and returns how many rows went."""

    title: str
    act: Callable[[], int]


_STEPS: list[Step] = []


def step(title: str, act: Callable[[], int]) -> None:
    _STEPS.append(Step(title, act))


def run(context: Context) -> None:
    """Every step in turn, then fresh statistics. Safe to run twice."""
    removed = 0
    steps = list(_STEPS)
    for number, one in enumerate(steps):
        context.progress(number * 90 // len(steps), one.title)
        count = one.act()
        removed += count
        context.line(f"{one.title}: {count:,} removed")
    context.progress(90, "Update the planner's statistics (ANALYZE)")
    skipped = _analyze()
    if skipped:
        context.finding("warn", f"{skipped} tables without fresh statistics", _NO_MAINTENANCE)
    context.finding("ok", f"{removed:,} rows removed", f"in {len(steps)} steps")


def _analyze() -> int:
    """How many tables PostgreSQL skipped because the role may not tend them."""
    told: list[str] = []
    with connecting.maintenance() as cursor:
        hear = partial(_hear, told)
        cursor.connection.add_notice_handler(hear)
        try:
            cursor.execute("ANALYZE")  # in SQL for want of a model
        finally:
            cursor.connection.remove_notice_handler(hear)
    return len(told)


def _hear(told: list[str], notice: Diagnostic) -> None:
    what = notice.message_primary or ""
    if notice.severity_nonlocalized == "WARNING" and '"pg_' not in what:
        told.append(what)


def old_sessions() -> int:
    """Sessions that have ended."""
    removed, _ = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    return removed


def old_runs() -> int:
    """Runs of jobs that are finished and older than the policy keeps."""
    limit = timezone.now() - policy.JOB_RUN_RETENTION
    old = JobRun.objects.filter(queued_at__lt=limit).exclude(state__in=UNFINISHED)
    removed, _ = old.delete()
    return removed


step("Sessions that have ended", old_sessions)
step("Old runs of jobs", old_runs)

"""Keeps beat's tables in step with the registry, without touching what people changed.

django-celery-beat's PeriodicTask says when a job runs. We create what is missing, remove
what no room registers any more, and follow a changed default only where the entry still
has the default that we wrote last (kept in `description`).
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from celery.schedules import crontab
from django.db import transaction
from django_celery_beat.models import (
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    PeriodicTasks,
)

from monitoring.maintenance import registry

ZONE = ZoneInfo("America/New_York")
_CLOCK_CHANGE = timedelta(hours=2)
OURS = "growmies: "
RUN_JOB = "monitoring.maintenance.tasks.run_scheduled"
_CRONTAB = ("minute", "hour", "day_of_week", "day_of_month", "month_of_year")


@transaction.atomic
def sync() -> int:
    """Bring the schedule up to date; returns how many entries were made, changed or removed."""
    changed = sum(_keep_job(job) for job in registry.all_jobs())
    changed += sum(_keep_pulse(pulse) for pulse in registry.all_pulses())
    names = [job.name for job in registry.all_jobs()] + [
        pulse.name for pulse in registry.all_pulses()
    ]
    known = [OURS + name for name in names]
    gone = PeriodicTask.objects.filter(name__startswith=OURS).exclude(name__in=known)
    removed: int = gone.delete()[0]
    if changed or removed:
        PeriodicTasks.update_changed()
    return changed + removed


def entries() -> dict[str, PeriodicTask]:
    """Beat's entry of each recorded job, by the job's name. One query."""
    found = PeriodicTask.objects.filter(task=RUN_JOB).select_related("crontab")
    return {task.name.removeprefix(OURS): task for task in found}


def next_due(entry: PeriodicTask, now: datetime) -> datetime | None:
    """When beat starts the job next; None when it is switched off."""
    return due_after(entry, now) if entry.enabled else None


def due_after(entry: PeriodicTask, moment: datetime) -> datetime | None:
    """The first scheduled start after a moment, in UTC; None when the entry has no crontab."""
    if entry.crontab is None:
        return None
    # Looked at from before, too: a start in the hour that a night in spring leaves out comes in
    # the hour after it, when from there it seems to be over.
    found = [_due(entry.crontab.schedule, at) for at in (moment - _CLOCK_CHANGE, moment)]
    return min(due for due in found if due > moment)


def _due(schedule: Any, moment: datetime) -> datetime:
    local = moment.astimezone(ZONE)
    schedule.nowfun = lambda: local
    # What remains is real time: added to a local time, it would be off where the clock changes.
    due: datetime = moment.astimezone(UTC) + schedule.remaining_estimate(local)
    return due


def _keep_job(job: registry.Job) -> bool:
    fields = _fields(job.schedule)
    schedule, _ = CrontabSchedule.objects.get_or_create(**fields, timezone=ZONE)
    default = json.dumps(fields, sort_keys=True)
    return _keep(
        OURS + job.name,
        default,
        task=RUN_JOB,
        queue="maintenance",
        args=json.dumps([job.name]),
        crontab=schedule,
        interval=None,
    )


def _keep_pulse(pulse: registry.Pulse) -> bool:
    seconds = int(pulse.every.total_seconds())
    schedule, _ = IntervalSchedule.objects.get_or_create(
        every=seconds, period=IntervalSchedule.SECONDS
    )
    return _keep(
        OURS + pulse.name,
        json.dumps({"seconds": seconds}),
        task=pulse.task,
        queue=pulse.queue,
        args="[]",
        crontab=None,
        interval=schedule,
        # After a pause of the worker one run is enough; the others have expired.
        expire_seconds=max(seconds * 3, 10),
    )


def _keep(name: str, default: str, **wanted: Any) -> bool:
    entry, created = PeriodicTask.objects.get_or_create(
        name=name, defaults={**wanted, "description": default}
    )
    if created:
        return True
    if entry.description == default:
        return False
    # The default of the code has changed since we wrote this entry.
    if _as_default(entry) != entry.description:
        return False  # and a person has changed the entry: theirs stays
    for field, value in {**wanted, "description": default}.items():
        setattr(entry, field, value)
    entry.save()
    return True


def _as_default(entry: PeriodicTask) -> str:
    if entry.interval is not None:
        return json.dumps({"seconds": entry.interval.every})
    if entry.crontab is not None:
        return json.dumps({n: getattr(entry.crontab, n) for n in _CRONTAB}, sort_keys=True)
    return ""


def _fields(schedule: crontab) -> dict[str, str]:
    plain = CrontabSchedule.from_schedule(schedule)
    return {name: str(getattr(plain, name)) for name in _CRONTAB}

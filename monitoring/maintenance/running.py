"""Requests runs, runs them, and starts again what died. The row decides who runs what.

A run is alive while its worker says so every few seconds. One that fell silent goes back to
the queue as it is; `attempts` tells the worker that has it now from one that had it before.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery import current_app
from django.db import IntegrityError, connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from monitoring import policy
from monitoring.audit import trail
from monitoring.audit.models import Category
from monitoring.maintenance import metrics, registry, schedule
from monitoring.maintenance.models import UNFINISHED, JobRun, RunState, Trigger
from monitoring.people import Person
from monitoring.refusals import Refusal

log = structlog.get_logger(__name__)
LINES_AT_MOST = 200
RUN_TASK = "monitoring.maintenance.tasks.run_job"


class Context:
    """What a running job tells about itself."""

    def __init__(self, run: JobRun) -> None:
        self._run = run
        self._written_at = 0.0

    def progress(self, percent: int, step: str) -> None:
        """How far it is (0 to 100) and what it does now."""
        self._run.progress = max(0, min(100, int(percent)))
        self._run.step = step[:200]
        self.line(step)

    def line(self, text: str) -> None:
        """One line of the run's log; the last 200 are kept."""
        stamp = timezone.now().isoformat(timespec="seconds")
        self._run.lines = [*self._run.lines, [stamp, text[:300]]][-LINES_AT_MOST:]
        self._write()

    def finding(self, tone: str, title: str, text: str) -> None:
        """Something a person should read: tone is ok, warn or critical."""
        self._run.findings = [*self._run.findings, {"tone": tone, "title": title, "text": text}]
        self._write()

    def _write(self) -> None:
        _held(self._run).update(
            progress=self._run.progress,
            step=self._run.step,
            lines=self._run.lines,
            findings=self._run.findings,
            alive_at=Now(),
        )


def request_run(name: str, *, trigger: str, staff: Person | None = None) -> JobRun:
    """Queue a run of a job. Raises Refusal when one is under way, or the broker is away."""
    job = registry.get(name)
    recover()
    try:
        with transaction.atomic():
            run = JobRun.objects.create(job=job.name, trigger=trigger, started_by=staff)
            if staff is not None:
                trail.record(
                    "job.run_requested",
                    category=Category.TECHNICAL,
                    actor=staff,
                    target=run,
                    data={"job": job.name},
                )
    except IntegrityError:
        raise Refusal("under_way", _under_way(job)) from None
    try:
        _send(run)
    except (BrokerError, RedisError, OSError) as error:
        _finish(run, RunState.FAILED, "The task queue (Valkey) did not answer.")
        raise Refusal(
            "away",
            f"{job.title} was not started: the task queue does not answer. Try again when "
            "Valkey is back.",
        ) from error
    return run


def run(run_id: int) -> None:
    """Run what was queued, once: a second delivery of the same task finds it taken."""
    taken = JobRun.objects.filter(pk=run_id, state=RunState.QUEUED).update(
        state=RunState.RUNNING,
        started_at=Now(),
        alive_at=Now(),
        attempts=F("attempts") + 1,
        progress=0,
        findings=[],
    )
    if not taken:
        log.info("run_taken_already", run=run_id)
        return
    row = JobRun.objects.get(pk=run_id)
    context = Context(row)
    if row.attempts > 1:
        context.line("Started again: the worker that had it gave no sign of life any more.")
    began = time.monotonic()
    try:
        with _alive(row):
            registry.get(row.job).run(context)
    except Exception as error:
        log.exception("job_failed", job=row.job, run=row.pk)
        _finish(row, RunState.FAILED, f"{type(error).__name__}: {_first_line(error)}")
    else:
        _finish(row, RunState.SUCCEEDED)
    metrics.job_duration_seconds.observe(time.monotonic() - began, job=row.job)


def run_now(name: str, *, trigger: str = Trigger.COMMAND) -> JobRun:
    """Run a job in this process, recorded as ever. Raises Refusal."""
    try:
        with transaction.atomic():
            row = JobRun.objects.create(job=registry.get(name).name, trigger=trigger)
    except IntegrityError:
        raise Refusal("under_way", _under_way(registry.get(name))) from None
    run(row.pk)
    row.refresh_from_db()
    return row


def recover() -> int:
    """Bring runs that fell silent back to the queue; returns how many.

    Their worker died or was stopped, or their task never reached the queue. What a worker dies
    of again and again is lost: the job itself may be what kills it.
    """
    limit = Now() - policy.JOB_MAX_SILENCE
    recovered = 0
    for row in JobRun.objects.filter(state__in=UNFINISHED, alive_at__lt=limit):
        if row.attempts >= policy.JOB_ATTEMPTS:
            recovered += _finish(
                row,
                RunState.LOST,
                f"Its worker died {row.attempts} times. See the worker's log for why, then run it.",
            )
            continue
        # Its worker has lost it by this; and no other process sends it, too.
        silent = JobRun.objects.filter(pk=row.pk, state=row.state, alive_at__lt=limit)
        if not silent.update(state=RunState.QUEUED, alive_at=Now(), step=""):
            continue
        log.warning("run_recovered", job=row.job, run=row.pk, attempts=row.attempts)
        recovered += 1
        try:
            _send(row)
        except (BrokerError, RedisError, OSError):
            return recovered  # it stays queued, and falls silent again
    return recovered


def overdue(now: datetime | None = None) -> list[registry.Job]:
    """Jobs whose scheduled start was missed by more than GRACE; never run counts as missed.

    The schedule is beat's, with what people changed in it: a job that is switched off is
    never overdue. A failed run was a start; only a lost one is started again.
    """
    moment = now or timezone.now()
    entries = schedule.entries()
    late = []
    for job in registry.all_jobs():
        entry = entries.get(job.name)
        if entry is None or not entry.enabled:
            continue
        tried = JobRun.objects.filter(job=job.name).exclude(state=RunState.LOST)
        last = tried.order_by("-id").values_list("queued_at", flat=True).first()
        due_at = schedule.due_after(entry, last) if last else None
        if last is None or (due_at is not None and due_at < moment - GRACE):
            late.append(job)
    return late


GRACE = timedelta(hours=1)


def catch_up() -> int:
    """Start what was missed, or never ran: beat asks every 20 seconds. Returns how many."""
    started = 0
    for job in overdue():
        try:
            request_run(job.name, trigger=Trigger.SCHEDULE)
            started += 1
        except Refusal as why:
            log.info("catch_up_not_started", job=job.name, why=str(why))
    return started


def _send(run: JobRun) -> None:
    try:
        current_app.send_task(RUN_TASK, args=[run.pk], queue="maintenance", retry=False)
    except (BrokerError, RedisError, OSError) as error:
        log.warning("run_not_queued", job=run.job, error=type(error).__name__)
        raise


def _under_way(job: registry.Job) -> str:
    waits = JobRun.objects.filter(job=job.name, state=RunState.QUEUED).exists()
    return f"{job.title} {'waits for the worker' if waits else 'is running'} already."


def _held(run: JobRun) -> QuerySet[JobRun]:
    """The row, while it is this attempt that runs it."""
    return JobRun.objects.filter(pk=run.pk, state=RunState.RUNNING, attempts=run.attempts)


@contextmanager
def _alive(run: JobRun) -> Iterator[None]:
    """Say every few seconds that the run's worker lives, however long a step takes."""
    ended = threading.Event()

    def say_so() -> None:
        while not ended.wait(policy.JOB_ALIVE_EVERY.total_seconds()):
            try:
                _held(run).update(alive_at=Now())
            except Exception as error:  # PostgreSQL may be back before the silence is too long
                log.warning("run_sign_of_life_failed", error=type(error).__name__)
            finally:
                connection.close()

    thread = threading.Thread(target=say_so, name="sign-of-life", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(5)


@transaction.atomic
def _finish(row: JobRun, state: RunState, error: str = "") -> bool:
    """End it, and say so in the audit trail: both or none, whenever the worker dies."""
    fields: dict[str, Any] = {"state": state, "finished_at": timezone.now(), "error": error[:500]}
    if state == RunState.SUCCEEDED:
        fields |= {"progress": 100, "step": ""}
    # A worker that was thought dead and has done it after all may say so, until another takes it.
    done = JobRun.objects.filter(pk=row.pk, state__in=UNFINISHED, attempts=row.attempts).update(
        **fields
    )
    if done:
        metrics.job_runs_total.inc(job=row.job, state=state)
        trail.record(f"job.{state}", category=Category.TECHNICAL, target=row, data={"job": row.job})
    return bool(done)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [""])[0][:300]

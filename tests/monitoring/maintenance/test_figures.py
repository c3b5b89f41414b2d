"""What the alerts on jobs and beat look at."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from monitoring.maintenance import running, schedule
from monitoring.maintenance.models import JobRun, RunState, Trigger
from monitoring.metrics.families import DATABASE_GAUGES

pytestmark = pytest.mark.django_db
JOB = "daily_cleanup"


def figure(name):
    return dict(DATABASE_GAUGES[name][2]())


def finished(state):
    return JobRun.objects.create(
        job=JOB, state=state, trigger=Trigger.SCHEDULE, finished_at=timezone.now()
    )


def test_it_works():
    running.run_now(JOB)
    assert figure("job_last_run_failed") == {(JOB,): 0.0}
    assert figure("job_period_seconds")[(JOB,)] == timedelta(days=1).total_seconds()


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.LOST])
def test_a_failed_run_counts_until_the_next_one_succeeds(state):
    finished(state)
    assert figure("job_last_run_failed") == {(JOB,): 1.0}
    finished(RunState.SUCCEEDED)
    assert figure("job_last_run_failed") == {(JOB,): 0.0}


def test_a_run_that_is_not_finished_says_nothing():
    finished(RunState.SUCCEEDED)
    JobRun.objects.create(job=JOB, state=RunState.RUNNING, trigger=Trigger.SCHEDULE)
    assert figure("job_last_run_failed") == {(JOB,): 0.0}


def test_a_job_that_nobody_registers_any_more_is_left_out():
    JobRun.objects.create(
        job="gone", state=RunState.FAILED, trigger=Trigger.SCHEDULE, finished_at=timezone.now()
    )
    assert figure("job_last_run_failed") == {}


def test_a_job_that_is_switched_off_is_not_expected():
    schedule.sync()
    PeriodicTask.objects.filter(name__endswith=JOB).update(enabled=False)
    assert (JOB,) not in figure("job_period_seconds")


def test_beat_is_absent_before_its_first_start():
    schedule.sync()
    assert figure("beat_last_dispatch_timestamp_seconds") == {}
    at = timezone.now()
    PeriodicTask.objects.filter(name__endswith="audit.seal").update(last_run_at=at)
    assert figure("beat_last_dispatch_timestamp_seconds") == {(): at.timestamp()}

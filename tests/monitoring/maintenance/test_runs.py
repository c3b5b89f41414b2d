"""Recorded runs: requested, run once, ended; and the schedule that people may edit."""

from datetime import timedelta

import pytest
from celery import Celery
from celery.schedules import crontab
from django.contrib.sessions.models import Session
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from monitoring import policy
from monitoring.audit.models import Entry
from monitoring.maintenance import registry, running, schedule
from monitoring.maintenance.models import JobRun, RunState, Trigger
from monitoring.refusals import Refusal
from tests.running import eventually

pytestmark = pytest.mark.django_db


@pytest.fixture
def job():
    """Registers a job that does what the test says."""
    made = []

    def make(act=lambda context: None, name="test_job"):
        made.append(name)
        return registry.register(
            registry.Job(
                name=name,
                title="Test job",
                description="",
                schedule=crontab(hour="4", minute="0"),
                every=timedelta(days=1),
                run=act,
            )
        )

    yield make
    for name in made:
        registry._JOBS.pop(name, None)


@pytest.fixture
def no_broker(monkeypatch):
    nowhere = Celery(broker="redis://127.0.0.1:1/0", set_as_current=False)
    nowhere.conf.broker_transport_options = {"socket_connect_timeout": 1, "max_retries": 1}
    monkeypatch.setattr(running, "current_app", nowhere)


@pytest.fixture
def sent(monkeypatch):
    """The runs that were sent to the queue, in turn."""
    found = []
    monkeypatch.setattr(running, "_send", lambda run: found.append(run.pk))
    return found


def test_it_works(job):
    def act(context):
        context.progress(50, "Half")
        context.finding("warn", "Title", "Text")

    job(act)
    run = running.run_now("test_job")
    assert (run.state, run.progress) == (RunState.SUCCEEDED, 100)
    assert [text for _, text in run.lines] == ["Half"]
    assert run.findings == [{"tone": "warn", "title": "Title", "text": "Text"}]
    assert Entry.objects.filter(action="job.succeeded").count() == 1


def test_progress_is_written_while_it_runs(job):
    seen = []

    def act(context):
        context.progress(40, "Now")
        seen.append(JobRun.objects.get().progress)

    job(act)
    running.run_now("test_job")
    assert seen == [40]


def test_a_failure_is_recorded_with_its_words(job):
    def act(context):
        raise ValueError("the disk is full")

    job(act)
    run = running.run_now("test_job")
    assert (run.state, run.error) == (RunState.FAILED, "ValueError: the disk is full")


def test_a_worker_that_dies_before_its_entry_has_not_ended_the_run(job, monkeypatch):
    """Its next attempt ends it, and the audit trail tells of that."""

    def died(*_, **__):
        raise SystemExit

    job()
    run = running.request_run("test_job", trigger=Trigger.COMMAND)
    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(running.trail, "record", died)
        running.run(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.RUNNING
    assert not Entry.objects.filter(action="job.succeeded").exists()


def test_a_run_is_queued_for_the_worker(job, staff):
    job()
    person = staff("operator")
    run = running.request_run("test_job", trigger=Trigger.PERSON, staff=person)
    assert (run.state, run.started_by) == (RunState.QUEUED, person)
    assert Entry.objects.filter(action="job.run_requested", actor=person).exists()


def test_a_second_run_is_refused_while_one_is_under_way(job):
    job()
    running.request_run("test_job", trigger=Trigger.PERSON)
    with pytest.raises(Refusal, match="Test job waits for the worker already"):
        running.request_run("test_job", trigger=Trigger.PERSON)
    JobRun.objects.update(state=RunState.RUNNING, attempts=1)
    with pytest.raises(Refusal, match="Test job is running already"):
        running.request_run("test_job", trigger=Trigger.PERSON)


def test_a_task_delivered_twice_runs_once(job):
    ran = []
    job(lambda context: ran.append(1))
    run = running.request_run("test_job", trigger=Trigger.PERSON)
    running.run(run.pk)
    running.run(run.pk)
    assert ran == [1]


def silent(**fields):
    JobRun.objects.update(alive_at=timezone.now() - timedelta(minutes=2), **fields)


def test_a_dead_workers_run_goes_back_to_the_queue(job, sent):
    job(lambda context: context.line("Done"))
    run = running.request_run("test_job", trigger=Trigger.PERSON)
    silent(state=RunState.RUNNING, attempts=1, progress=40, step="Half")
    assert running.recover() == 1
    assert sent == [run.pk, run.pk]
    run.refresh_from_db()
    assert (run.state, run.step) == (RunState.QUEUED, "")
    running.run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempts) == (RunState.SUCCEEDED, 2)
    assert [text for _, text in run.lines] == [
        "Started again: the worker that had it gave no sign of life any more.",
        "Done",
    ]


def test_a_run_that_says_it_lives_is_left_alone(job, sent):
    job()
    running.request_run("test_job", trigger=Trigger.PERSON)
    JobRun.objects.update(state=RunState.RUNNING, attempts=1)
    assert running.recover() == 0
    assert JobRun.objects.get().state == RunState.RUNNING


def test_a_run_that_never_reached_the_queue_is_sent_again(job, sent):
    job()
    run = running.request_run("test_job", trigger=Trigger.PERSON)
    silent()
    assert running.recover() == 1
    assert sent == [run.pk, run.pk]
    assert running.recover() == 0


def test_while_the_broker_is_away_a_dead_workers_run_stays_queued(job, no_broker):
    job()
    JobRun.objects.create(job="test_job", trigger=Trigger.SCHEDULE)
    silent(state=RunState.RUNNING, attempts=1)
    running.recover()
    assert JobRun.objects.get().state == RunState.QUEUED


def test_what_three_workers_died_of_is_lost(job, sent):
    job()
    run = running.request_run("test_job", trigger=Trigger.PERSON)
    silent(state=RunState.RUNNING, attempts=3)
    assert running.recover() == 1
    run.refresh_from_db()
    assert (run.state, sent) == (RunState.LOST, [run.pk])
    assert "died 3 times" in run.error
    assert Entry.objects.filter(action="job.lost").count() == 1
    running.request_run("test_job", trigger=Trigger.PERSON)


def test_who_was_thought_dead_changes_nothing_of_the_next_attempt(job, sent):
    def act(context):
        silent()
        running.recover()
        JobRun.objects.update(state=RunState.RUNNING, attempts=2, progress=10)  # another has it
        context.progress(90, "Still here")

    job(act)
    run = running.request_run("test_job", trigger=Trigger.PERSON)
    running.run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.progress, run.attempts) == (RunState.RUNNING, 10, 2)
    assert not Entry.objects.filter(action="job.succeeded").exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_says_that_it_lives_in_the_middle_of_a_long_step(job, sent, monkeypatch):
    monkeypatch.setattr(policy, "JOB_ALIVE_EVERY", timedelta(milliseconds=50))

    def act(context):
        silent()
        eventually(
            lambda: JobRun.objects.get().alive_at > timezone.now() - timedelta(seconds=60),
            within_seconds=20,
        )
        assert running.recover() == 0

    job(act)
    run = running.request_run("test_job", trigger=Trigger.PERSON)
    running.run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.error) == (RunState.SUCCEEDED, "")


def test_without_the_broker_nothing_stays_queued(job, no_broker):
    job()
    with pytest.raises(Refusal, match="task queue does not answer"):
        running.request_run("test_job", trigger=Trigger.PERSON)
    assert JobRun.objects.get().state == RunState.FAILED


def test_what_never_ran_is_caught_up(job):
    job()
    schedule.sync()
    assert running.catch_up() >= 1
    assert JobRun.objects.get(job="test_job").trigger == Trigger.SCHEDULE
    assert running.catch_up() == 0


def test_what_is_switched_off_is_not_caught_up(job):
    job()
    schedule.sync()
    PeriodicTask.objects.update(enabled=False)
    assert running.overdue() == []


def test_a_missed_start_is_overdue_after_an_hour(job):
    job()
    schedule.sync()
    last = timezone.now()
    due = schedule.due_after(schedule.entries()["test_job"], last)
    run = JobRun.objects.create(job="test_job", trigger=Trigger.SCHEDULE, queued_at=last)
    running._finish(run, RunState.FAILED)
    names = [j.name for j in running.overdue(due + timedelta(minutes=59))]
    assert "test_job" not in names
    names = [j.name for j in running.overdue(due + timedelta(minutes=61))]
    assert "test_job" in names


def test_a_run_that_was_lost_is_no_start(job):
    job()
    schedule.sync()
    now = timezone.now()
    for queued_at in (now - timedelta(days=40), now):
        run = JobRun.objects.create(job="test_job", trigger=Trigger.SCHEDULE, queued_at=queued_at)
        running._finish(run, RunState.SUCCEEDED)
    assert "test_job" not in [j.name for j in running.overdue()]
    JobRun.objects.filter(pk=run.pk).update(state=RunState.LOST)
    assert "test_job" in [j.name for j in running.overdue()]


def test_an_unknown_job():
    with pytest.raises(registry.UnknownJob):
        running.request_run("nothing", trigger=Trigger.PERSON)


def test_the_schedule_is_made_once(job):
    job()
    assert schedule.sync() > 0
    assert schedule.sync() == 0
    entry = PeriodicTask.objects.get(name="growmies: test_job")
    assert (entry.crontab.hour, entry.crontab.minute) == ("4", "0")
    assert str(entry.crontab.timezone) == "America/New_York"


def test_what_a_person_changed_stays(job):
    job()
    schedule.sync()
    entry = PeriodicTask.objects.get(name="growmies: test_job")
    entry.crontab = CrontabSchedule.objects.create(hour="7", minute="30")
    entry.save()
    registry._JOBS["test_job"] = registry.Job(
        **{**vars(registry._JOBS["test_job"]), "schedule": crontab(hour="5", minute="0")}
    )
    schedule.sync()
    entry.refresh_from_db()
    assert entry.crontab.hour == "7"


def test_a_new_default_is_followed(job):
    job()
    schedule.sync()
    registry._JOBS["test_job"] = registry.Job(
        **{**vars(registry._JOBS["test_job"]), "schedule": crontab(hour="5", minute="0")}
    )
    schedule.sync()
    assert PeriodicTask.objects.get(name="growmies: test_job").crontab.hour == "5"


def test_a_job_that_is_gone_leaves_the_schedule(job):
    job()
    schedule.sync()
    del registry._JOBS["test_job"]
    schedule.sync()
    assert not PeriodicTask.objects.filter(name="growmies: test_job").exists()


def test_next_due_is_in_new_york(job):
    job()
    schedule.sync()
    entry = schedule.entries()["test_job"]
    due = schedule.next_due(entry, timezone.now())
    assert due.astimezone(schedule.ZONE).strftime("%H:%M") == "04:00"
    assert timedelta(0) < due - timezone.now() <= timedelta(days=1, minutes=1)


def test_the_daily_clean_up_removes_what_is_old_and_keeps_the_rest():
    now = timezone.now()
    Session.objects.create(session_key="old", expire_date=now - timedelta(days=1))
    Session.objects.create(session_key="new", expire_date=now + timedelta(days=1))
    run = running.run_now("daily_cleanup")
    assert run.state == RunState.SUCCEEDED, run.error
    assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]
    assert run.findings[0]["title"] == "1 rows removed"

"""/maintenance/: an operator runs a job, others look."""

import json

import pytest
import redis
from django.urls import reverse
from django.utils import timezone

from monitoring import policy
from monitoring.audit.models import Entry
from monitoring.maintenance import running
from monitoring.maintenance.models import JobRun, RunState, Trigger

pytestmark = pytest.mark.django_db
JOB = "daily_cleanup"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def operator(staff, sign_in):
    return sign_in(staff("operator", username="olga"))


@pytest.fixture(autouse=True)
def broker(settings):
    """The real queue; what this test put into it is taken out again."""
    queue = redis.Redis.from_url(settings.CELERY_BROKER_URL)
    queue.delete("maintenance")
    yield queue
    queue.delete("maintenance")


def run(client, name=JOB, **headers):
    return client.post(reverse("job_run", args=[name]), headers=headers)


def text(answer):
    return answer.content.decode()


def test_it_works(operator, broker):
    assert run(operator)["Location"] == reverse("job", args=[JOB])
    row = JobRun.objects.get()
    assert (row.state, row.trigger, row.started_by.username) == (
        RunState.QUEUED,
        Trigger.PERSON,
        "olga",
    )
    (message,) = broker.lrange("maintenance", 0, -1)
    assert json.loads(message)["headers"]["task"] == running.RUN_TASK
    assert Entry.objects.get(action="job.run_requested").actor.username == "olga"


def test_what_was_queued_runs(operator):
    run(operator)
    running.run(JobRun.objects.get().pk)
    page = text(operator.get(reverse("job", args=[JOB])))
    assert "rows removed" in page
    assert "Started by olga" in page
    assert 'id="run-now"' in page


def test_a_run_that_no_worker_takes_says_so(operator):
    run(operator)
    address = reverse("job", args=[JOB])
    assert "no worker has taken it" not in text(operator.get(address))
    JobRun.objects.update(queued_at=timezone.now() - policy.JOB_LEFT_LYING * 2)
    assert "no worker has taken it" in text(operator.get(address))
    running.run(JobRun.objects.get().pk)
    assert "no worker has taken it" not in text(operator.get(address))


def test_htmx_gets_the_side_panel_alone(operator):
    answer = run(operator, **HTMX)
    assert answer.status_code == 200
    assert "<html" not in text(answer)
    assert "Waiting for a worker" in text(answer)


def test_twice_at_once(operator):
    run(operator)
    answer = run(operator)
    assert answer.status_code == 409
    assert "Daily clean-up waits for the worker already." in text(answer)
    assert JobRun.objects.count() == 1


def test_an_unknown_job(operator):
    for answer in (run(operator, "nothing"), operator.get(reverse("job", args=["nothing"]))):
        assert answer.status_code == 404
        assert "There is no job named &#x27;nothing&#x27;." in text(answer)


def test_running_is_never_a_get(operator):
    assert operator.get(reverse("job_run", args=[JOB])).status_code == 405
    assert not JobRun.objects.exists()


@pytest.mark.parametrize("role", ["viewer", "moderator", "compliance", "administrator"])
def test_others_see_it_without_a_button(staff, sign_in, role):
    running.run_now(JOB)
    page = text(sign_in(staff(role)).get(reverse("job", args=[JOB])))
    assert "Daily clean-up" in page and "rows removed" in page
    assert 'id="run-now"' not in page


def test_the_operator_has_the_button(operator):
    assert 'id="run-now"' in text(operator.get(reverse("maintenance")))


def test_a_job_that_never_ran_says_so(operator):
    assert "never ran" in text(operator.get(reverse("maintenance")))


def test_the_list_asks_no_more_for_more_runs(operator, statements):
    def look():
        return operator.get(reverse("maintenance"))

    running.run_now(JOB)
    few = statements(look)
    now = timezone.now()
    JobRun.objects.bulk_create(
        JobRun(job=JOB, state=RunState.SUCCEEDED, started_at=now, finished_at=now)
        for _ in range(60)
    )
    assert statements(look) <= few


def test_each_job_shows_its_ten_newest_runs(operator):
    now = timezone.now()
    for name in (JOB, "kpi_snapshots"):
        JobRun.objects.bulk_create(
            JobRun(job=name, state=RunState.SUCCEEDED, started_at=now, finished_at=now)
            for _ in range(12)
        )
    running.run_now(JOB)
    lines = {one.job.name: one for one in operator.get(reverse("maintenance")).context["lines"]}
    newest = JobRun.objects.filter(job=JOB).latest("pk")
    assert (lines[JOB].last, len(lines[JOB].bars)) == (newest, 10)
    assert len(lines["kpi_snapshots"].bars) == 10
    assert lines["kpi_snapshots"].last.job == "kpi_snapshots"

"""The next start that is shown is the one at which beat starts, also in the two odd nights."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from growmies_admin.celery import app
from monitoring.maintenance import registry, schedule

pytestmark = pytest.mark.django_db
NIGHTS = {
    "spring": datetime(2026, 3, 8, 4, 50, tzinfo=UTC),
    "fall": datetime(2026, 11, 1, 3, 50, tzinfo=UTC),
}
MINUTE = timedelta(minutes=1)


def entry(hour, minute):
    crontab = CrontabSchedule.objects.create(hour=hour, minute=minute, timezone=schedule.ZONE)
    return PeriodicTask(name="x", task=schedule.RUN_JOB, crontab=crontab, enabled=True)


def starts(of, begin):
    """When beat's own schedule starts it, asked every minute of seven hours."""
    crontab, now, last, found = of.crontab.schedule, begin, begin - MINUTE, []
    crontab.app = app
    while now < begin + timedelta(hours=7):
        crontab.nowfun = lambda moment=now: moment
        if crontab.is_due(last).is_due:
            found.append(now)
            last = now
        now += MINUTE
    return found


@pytest.mark.parametrize("night", NIGHTS)
@pytest.mark.parametrize(
    ("hour", "minute"),
    [("1", "30"), ("2", "0"), ("2", "30"), ("3", "0"), ("4", "0"), ("*", "15"), ("*/2", "0")],
)
def test_it_works(night, hour, minute):
    begin = NIGHTS[night]
    of = entry(hour, minute)
    expected = starts(of, begin)
    assert expected, "beat starts it in this night"
    now = begin
    for due in expected:
        assert schedule.due_after(of, now) == due
        now = due
    # Asked at any moment before it, the answer is the same.
    assert schedule.due_after(of, expected[-1] - MINUTE) == expected[-1]


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        ("2026-03-07T23:00:00-05:00", "2026-03-08T03:00:00-04:00"),
        ("2026-10-31T23:00:00-04:00", "2026-11-01T03:00:00-05:00"),
    ],
)
def test_three_in_the_morning_stays_three_in_the_morning(moment, shown):
    found = schedule.due_after(entry("3", "0"), datetime.fromisoformat(moment))
    assert found.astimezone(schedule.ZONE).isoformat() == shown


@pytest.mark.parametrize("night", NIGHTS)
def test_every_job_of_ours_is_shown_as_beat_starts_it(night):
    """All schedules of the registry, over the hours of the change."""
    schedule.sync()
    begin = NIGHTS[night]
    for name, of in schedule.entries().items():
        for due in starts(of, begin)[:3]:
            assert schedule.due_after(of, due - MINUTE) == due, name


@pytest.mark.parametrize("night", NIGHTS)
def test_the_pages_show_it(night, monkeypatch, staff, sign_in):
    schedule.sync()
    client = sign_in(staff("operator"))
    monkeypatch.setattr("django.utils.timezone.now", lambda: NIGHTS[night])
    job = registry.all_jobs()[0].name
    due = schedule.due_after(schedule.entries()[job], NIGHTS[night])
    stamp = due.astimezone(UTC).isoformat(timespec="seconds")[:16]
    for page in (reverse("maintenance"), reverse("job", args=[job])):
        text = client.get(page).content.decode()
        assert due.isoformat()[:16] in text or stamp in text, page

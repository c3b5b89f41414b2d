"""What a page says of a schedule follows from it."""

import pytest
from celery.schedules import crontab
from django_celery_beat.models import CrontabSchedule

from monitoring.maintenance import schedule
from monitoring.maintenance.words import of_schedule


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ({"hour": "3", "minute": "10"}, "every day 03:10"),
        ({"hour": "0", "minute": "0"}, "every day 00:00"),
        ({"hour": "4", "minute": "5", "day_of_week": "1"}, "every Monday 04:05"),
        ({"hour": "4", "minute": "5", "day_of_week": "0"}, "every Sunday 04:05"),
        ({"hour": "4", "minute": "5", "day_of_month": "1"}, "5 4 1 * *"),
        ({"minute": "*/5"}, "*/5 * * * *"),
    ],
)
def test_it_works(when, words):
    assert of_schedule(crontab(**when)) == words


@pytest.mark.django_db
def test_a_schedule_that_was_changed_shows_as_it_is(staff, sign_in):
    schedule.sync()
    entry = schedule.entries()["daily_cleanup"]
    entry.crontab = CrontabSchedule.objects.create(hour="7", minute="5")
    entry.save()
    page = sign_in(staff("viewer")).get("/maintenance/").content.decode()
    assert "every day 07:05" in page and "every day 03:10" not in page

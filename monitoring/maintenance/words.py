"""A schedule in words, made from the schedule itself."""

from celery.schedules import crontab

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_FIELDS = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")


def of_schedule(schedule: crontab) -> str:
    """Such as "every day 03:10", "every Monday 04:00"; as cron writes it where it is neither."""
    minute, hour, *days = (str(getattr(schedule, f"_orig_{name}")) for name in _FIELDS)
    if minute.isdecimal() and hour.isdecimal() and days[:2] == ["*", "*"]:
        at = f"{int(hour):02}:{int(minute):02}"
        if days[2] == "*":
            return f"every day {at}"
        if days[2].isdecimal():
            return f"every {_DAYS[int(days[2]) % 7]} {at}"
    return " ".join((minute, hour, *days))

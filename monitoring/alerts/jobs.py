"""The pulses of alerts, and the recorded job that removes what is too old."""

from datetime import timedelta

from celery.schedules import crontab

from monitoring import policy
from monitoring.alerts import retention
from monitoring.maintenance import jobs

jobs.every(
    "alerts.deliver",
    task="monitoring.alerts.tasks.deliver",
    interval=policy.ALERT_DELIVER_EVERY,
    queue="alerts",
)
jobs.every(
    "alerts.send_raised",
    task="monitoring.alerts.tasks.send_raised",
    interval=policy.ALERT_RESEND_EVERY,
    queue="alerts",
)
jobs.every(
    "alerts.reconcile",
    task="monitoring.alerts.tasks.reconcile",
    interval=policy.ALERT_RECONCILE_EVERY,
    queue="alerts",
)
jobs.register(
    jobs.Job(
        name="alert_retention",
        title="Old alerts",
        description="Removes resolved alerts past their retention, with events and deliveries.",
        schedule=crontab(hour="3", minute="40"),
        schedule_words="every day 03:40",
        every=timedelta(days=1),
        run=retention.run,
    )
)

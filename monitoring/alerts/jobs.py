"""The pulses of alerts, and the recorded job that removes what is too old."""

from datetime import timedelta

from celery.schedules import crontab

from monitoring import policy
from monitoring.alerts import retention
from monitoring.maintenance import registry

registry.every(
    "alerts.send_raised",
    task="monitoring.alerts.tasks.send_raised",
    interval=policy.ALERT_RESEND_EVERY,
    queue="alerts",
)
registry.every(
    "alerts.reconcile",
    task="monitoring.alerts.tasks.reconcile",
    interval=policy.ALERT_RECONCILE_EVERY,
    queue="alerts",
)
registry.register(
    registry.Job(
        name="alert_retention",
        title="Old alerts",
        description="Removes resolved alerts past their retention, with events and messages.",
        schedule=crontab(hour="3", minute="40"),
        every=timedelta(days=1),
        run=retention.run,
    )
)

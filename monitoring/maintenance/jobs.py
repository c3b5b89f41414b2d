"""The recorded jobs of maintenance itself, and its own pulse."""

from datetime import timedelta

from celery.schedules import crontab

from monitoring import policy
from monitoring.maintenance import cleanup, registry

registry.register(
    registry.Job(
        name="daily_cleanup",
        title="Daily clean-up",
        description="Removes ended sessions and records past their retention, then ANALYZE.",
        schedule=crontab(hour="3", minute="10"),
        every=timedelta(days=1),
        run=cleanup.run,
        runbook="docs/runbooks/daily-clean-up.md",
        guide="Database Cleanup Script, runDailyCleanup",
    )
)
registry.every(
    "maintenance.watch",
    task="monitoring.maintenance.tasks.watch",
    interval=policy.JOB_WATCH_EVERY,
    queue="maintenance",
)

"""The pulse that renews today's snapshots, and the recorded job that closes a day."""

from datetime import timedelta

from celery.schedules import crontab

from monitoring import policy
from monitoring.kpis import snapshots
from monitoring.maintenance import registry

registry.every(
    "kpis.today",
    task="monitoring.kpis.tasks.today",
    interval=policy.KPI_TODAY_EVERY,
    queue="maintenance",
)
registry.register(
    registry.Job(
        name="kpi_snapshots",
        title="KPI snapshots",
        description="Takes yesterday's KPIs, and those of days that were missed.",
        schedule=crontab(hour="0", minute="20"),
        every=timedelta(days=1),
        run=snapshots.finish,
        guide="Key Performance Indicators (KPIs)",
    )
)

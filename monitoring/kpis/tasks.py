"""Celery tasks of KPIs."""

from celery import shared_task

from monitoring.kpis import snapshots


@shared_task
def today() -> None:
    """Renew the snapshots of the day that runs."""
    snapshots.take_today()

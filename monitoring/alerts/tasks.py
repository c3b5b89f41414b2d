"""Celery tasks of alerts: thin; rows and leases make them safe to run twice."""

from celery import shared_task

from monitoring.alerts import raising, reconciling


@shared_task
def send_raised() -> None:
    """Our own alerts, to Alertmanager or past it."""
    raising.send_all()


@shared_task
def reconcile() -> None:
    """Our rows against Alertmanager's."""
    reconciling.reconcile()

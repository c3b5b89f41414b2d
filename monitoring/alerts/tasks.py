"""Celery tasks of alerts: thin; rows and leases make them safe to run twice."""

from celery import shared_task

from monitoring.alerts import delivering, raising, reconciling, sending


@shared_task
def deliver() -> None:
    """Get messages through; when there is more than fits into one round, another one follows."""
    if delivering.deliver_due() and delivering.is_more_due():
        sending.kick()


@shared_task
def send_raised() -> None:
    """Our own alerts, to Alertmanager or past it."""
    raising.send_all()


@shared_task
def reconcile() -> None:
    """Our rows against Alertmanager's."""
    reconciling.reconcile()

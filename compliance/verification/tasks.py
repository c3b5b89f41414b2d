"""Celery tasks of age verification: thin, and each may run twice."""

from celery import shared_task

from compliance.desk import sweeping


@shared_task
def sweep() -> None:
    """Destroy due evidence, end leases, expire what waited too long. Every few seconds."""
    sweeping.sweep()

"""Celery tasks of age verification: thin, and each may run twice."""

from celery import shared_task

from compliance.verification import evidence, sweeping


@shared_task
def sweep() -> None:
    """Destroy due evidence, end leases, expire what waited too long. Every few seconds."""
    sweeping.sweep()


@shared_task
def sweep_orphans() -> None:
    """Files of the evidence store that no row owns, and rows whose files are gone."""
    evidence.sweep_orphans()
    sweeping.sweep_lost()

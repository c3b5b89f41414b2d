"""Celery tasks of the evidence store: thin, and each may run twice."""

from celery import shared_task

from compliance.evidence import custody, destroying


@shared_task
def sweep_orphans() -> None:
    """Files of the evidence store that no row owns, and rows whose files are gone."""
    custody.sweep_orphans()
    destroying.sweep_lost()

"""Celery tasks of the audit trail."""

from celery import shared_task

from monitoring import policy
from monitoring.audit import chain


@shared_task
def seal() -> None:
    """Seal what is not sealed yet, batch by batch. Every few seconds; may run twice."""
    while chain.seal_batch() == policy.AUDIT_SEAL_BATCH:
        pass

"""Celery tasks of the audit trail."""

from celery import shared_task

from monitoring.audit_chain import chain, heading, outside


@shared_task
def seal() -> None:
    """Seal what is not sealed yet, batch by batch. Every few seconds; may run twice."""
    chain.seal_all()


@shared_task
def write_head() -> None:
    """Write the chain's head down, outside of the database. Every minute; may run twice."""
    heading.write_down()


@shared_task
def deliver_heads() -> None:
    """Bring written heads to the second place, if there is one. Every minute; may run twice."""
    outside.deliver()

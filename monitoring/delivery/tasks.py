"""The Celery task of delivery: thin; rows and leases make it safe to run twice."""

from celery import shared_task

from monitoring.delivery import outbox, sending


@shared_task
def send() -> None:
    """Get messages through; when there is more than fits into one round, another one follows."""
    if sending.send_due() and sending.is_more_due():
        outbox.kick()

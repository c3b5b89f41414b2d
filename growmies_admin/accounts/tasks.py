"""Celery tasks of accounts: thin; rows make them safe to run twice."""

from celery import shared_task

from growmies_admin.accounts import access_trail


@shared_task
def tell_failed_sign_ins() -> None:
    """Every minute: failures of the last minute, one entry for each account."""
    access_trail.tell_waiting()

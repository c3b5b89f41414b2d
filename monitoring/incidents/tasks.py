"""Celery tasks of incidents: thin; rows make them safe to run twice."""

from celery import shared_task

from monitoring.incidents import escalating, opening, timeline, watching, windows


@shared_task
def escalate() -> None:
    """Every 10 seconds: take up alerts, do the steps that are due."""
    opening.take_up()
    escalating.run_due()


@shared_task
def surroundings() -> None:
    """Every 10 seconds: silences of windows, and what happened near live incidents."""
    windows.keep_silences()
    timeline.note_surroundings()


@shared_task
def audit() -> None:
    """Every minute: is the escalation late?"""
    watching.audit()

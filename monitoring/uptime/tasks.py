"""Celery tasks of outside services: thin, and harmless when they run twice."""

import structlog
from celery import shared_task

from monitoring.uptime import discord_status, probing

log = structlog.get_logger(__name__)


@shared_task
def probe() -> None:
    """Look at our own addresses."""
    probing.probe_all()


@shared_task
def ask_discord() -> None:
    """Ask Discord's status page; the last word stands while it does not answer."""
    try:
        discord_status.refresh()
    except discord_status.StatusUnknown as why:
        log.warning("discord_status_unknown", why=str(why))

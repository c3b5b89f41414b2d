"""The Celery app of worker and beat."""

import logging.config
import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "growmies_admin.settings")

app = Celery("growmies_admin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def use_our_logs(**_: Any) -> None:
    """Workers and beat log as every other process does: JSON lines on standard output."""
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)


@worker_process_init.connect
def own_connections(**_: Any) -> None:
    """A pool process must not use connections that its parent opened before the fork."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close_pool()  # type: ignore[attr-defined]
        connection.connection = None


@app.on_after_configure.connect
def exporter(**_: Any) -> None:
    """Connects the worker's exporter and the counting of tasks to their signals."""
    from monitoring.metrics import celery_tasks, worker  # noqa: F401

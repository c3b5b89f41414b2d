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


_of_the_parent: list[object] = []


@worker_process_init.connect
def own_connections(**_: Any) -> None:
    """A pool process must not use connections that its parent opened before the fork.

    The parent's pool is let go, never closed or collected: one of the parent's threads may have
    held its lock at the fork, and then nobody here would ever release it.
    """
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        pools = connection._connection_pools  # type: ignore[attr-defined]
        _of_the_parent.extend([pools.pop(connection.alias, None), connection.connection])
        connection.connection = None


@app.on_after_configure.connect
def exporter(**_: Any) -> None:
    """Connects the worker's exporter and the counting of tasks to their signals."""
    from monitoring.metrics import celery_tasks, worker  # noqa: F401

"""The worker's exporter: one HTTP server in the main process of the Celery worker.

/metrics adds up what the pool's processes counted (multiprocess files) and appends the
figures that come from the database: they are exported here and nowhere else, so that sums
over targets are right. /live says that the worker is there.
"""

import os
import threading
import time
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import structlog
from celery.signals import worker_init, worker_process_shutdown
from django.conf import settings
from django.db import connections
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from monitoring.metrics.families import DATABASE_GAUGES

log = structlog.get_logger(__name__)
FRESH_SECONDS = 4.0  # database figures are read again after this


class DatabaseCollector:
    """Reads every registered database gauge; one that fails is left out, not shown as 0."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read_at = -float("inf")
        self._found: list[Metric] = []

    def collect(self) -> Iterable[Metric]:
        with self._lock:
            if time.monotonic() - self._read_at > FRESH_SECONDS:
                self._found = self._read()
                self._read_at = time.monotonic()
            return list(self._found)

    def _read(self) -> list[Metric]:
        found: list[Metric] = []
        try:
            for name, (documentation, labels, read) in DATABASE_GAUGES.items():
                family = GaugeMetricFamily(name, documentation, labels=labels)
                for values, number in read():
                    family.add_metric(values, number)
                found.append(family)
        except Exception as error:
            log.warning("database_figures_unread", error=type(error).__name__)
        finally:
            connections.close_all()
        return found


def registry() -> CollectorRegistry:
    """What the worker exports: the pool's counts, the database's figures, the process itself."""
    found = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(found)  # type: ignore[no-untyped-call]
    found.register(DatabaseCollector())
    ProcessCollector(registry=found)
    return found


class _Handler(BaseHTTPRequestHandler):
    exported = CollectorRegistry()

    def do_GET(self) -> None:
        if self.path == "/metrics":
            self._answer(generate_latest(self.exported), CONTENT_TYPE_LATEST)
        elif self.path == "/live":
            self._answer(b'{"status": "alive"}', "application/json")
        else:
            self.send_error(404)

    def _answer(self, body: bytes, content_type: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Scrapes are not worth a line."""


@worker_init.connect
def start_exporter(**_: Any) -> None:
    """Serve on WORKER_METRICS_PORT. A taken port stops the worker: it would be unseen."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
    _Handler.exported = registry()
    server = ThreadingHTTPServer(
        (settings.WORKER_METRICS_HOST, settings.WORKER_METRICS_PORT), _Handler
    )
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="exporter", daemon=True).start()
    log.info("worker_exporter_started", port=settings.WORKER_METRICS_PORT)


@worker_process_shutdown.connect
def forget_live_gauges(pid: int | None = None, **_: Any) -> None:
    """A pool process ends: its live gauges go, its counters stay (or sums would fall)."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        mark_process_dead(pid or os.getpid())  # type: ignore[no-untyped-call]

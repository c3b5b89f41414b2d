"""The worker's exporter: one HTTP server in the main process of the Celery worker.

/metrics adds up what the pool's processes counted (multiprocess files) and appends the
figures that are read from the database, Valkey and the host: they are exported here and
nowhere else, so that sums over targets are right. /live says that the worker is there.
"""

import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import structlog
from celery.signals import worker_init, worker_process_shutdown
from django.conf import settings
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import mark_process_dead

from monitoring.metrics.collectors import FigureCollector, PoolCollector
from monitoring.metrics.families import FIGURES

log = structlog.get_logger(__name__)


def registry() -> CollectorRegistry:
    """What the worker exports: the pool's counts, what is read, the process itself."""
    found = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        PoolCollector(found)
    for source in FIGURES:
        found.register(FigureCollector(source))
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

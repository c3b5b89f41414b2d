"""What the worker's exporter collects: the pool's files, and figures read at a scrape."""

import os
import re
import threading
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import psutil
import structlog
from django.db import Error as DatabaseError
from django.db import connections
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from psycopg_pool import PoolTimeout

from monitoring import policy
from monitoring.metrics.families import FIGURES

log = structlog.get_logger(__name__)
_LIVE_FILE = re.compile(r"gauge_live[a-z]{0,20}_(\d{1,10})\.db")


class FigureCollector:
    """Reads every figure of one source; one that fails is left out, not shown as 0.

    A source that hangs costs a scrape its bound, once: while the reading has not come back
    the source is absent, and nothing is asked again.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=f"figures-{source}")
        self._reading: Future[list[Metric]] | None = None
        self._read_at = -float("inf")
        self._found: list[Metric] = []

    def collect(self) -> Iterable[Metric]:
        with self._lock:
            if time.monotonic() - self._read_at > policy.FIGURES_FRESH.total_seconds():
                self._found = self._bounded_read()
            return list(self._found)

    def _bounded_read(self) -> list[Metric]:
        first = self._reading is None
        if self._reading is None:
            self._reading = self._pool.submit(self._read)
        try:
            bound = policy.FIGURES_BOUND.total_seconds() if first else 0
            found = self._reading.result(bound)
        except TimeoutError:
            log.warning("figures_hang", source=self.source)
            return []
        self._reading = None
        self._read_at = time.monotonic()
        # What came back after its bound is as old as the outage.
        return found if first else []

    def _read(self) -> list[Metric]:
        found: list[Metric] = []
        try:
            for name, (documentation, labels, read) in FIGURES[self.source].items():
                family = GaugeMetricFamily(name, documentation, labels=labels)
                try:
                    for values, number in read():
                        family.add_metric(values, number)
                except Exception as error:
                    log.warning("figure_unread", figure=name, error=type(error).__name__)
                    if isinstance(error, (DatabaseError, PoolTimeout, OSError)):
                        break  # the source is away: the others would only wait for it too
                    continue
                found.append(family)
        finally:
            connections.close_all()
        return found


class PoolCollector(MultiProcessCollector):
    """Adds up the files of the pool's processes; those of the dead leave their live gauges out."""

    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__(registry)  # type: ignore[no-untyped-call]

    def collect(self) -> Iterable[Metric]:
        forget_the_dead(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]))
        found: Iterable[Metric] = super().collect()  # type: ignore[no-untyped-call]
        return found


def forget_the_dead(folder: Path) -> None:
    """Remove live gauges of processes that are no longer ours; a killed one says no goodbye.

    Files of counters stay: without them the sums would fall.
    """
    for path in folder.glob("gauge_live*.db"):
        match = _LIVE_FILE.fullmatch(path.name)
        if match and not _is_ours(int(match[1])):
            mark_process_dead(int(match[1]), str(folder))  # type: ignore[no-untyped-call]


def _is_ours(pid: int) -> bool:
    """This process, or a living child of it: a number may have gone to somebody else."""
    if pid == os.getpid():
        return True
    try:
        process = psutil.Process(pid)
        return process.ppid() == os.getpid() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False

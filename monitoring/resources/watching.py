"""Samples the host every 15 seconds: one thread in the main process of the Celery worker.

There, because one process must do it, it lives as long as jobs do, and the exporter beside
it hands the figures out. No queue is involved, so that a full one does not blind it.
"""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import structlog
from celery.signals import worker_ready
from django.db import connections

from monitoring import policy
from monitoring.resources import crossings, metrics
from monitoring.resources.sampling import Sampler
from monitoring.resources.thresholds import Finding, findings

log = structlog.get_logger(__name__)
_started = threading.Event()
# How many samples in a row each kind and severity has been past its threshold.
_held: Counter[tuple[str, str]] = Counter()


@worker_ready.connect
def start(**_: Any) -> None:
    """Begin to watch; calling it again does nothing."""
    if not _started.is_set():
        _started.set()
        threading.Thread(target=_run, name="resources", daemon=True).start()


def _run() -> None:
    sampler = Sampler()
    while True:
        time.sleep(policy.RESOURCE_SAMPLE_EVERY.total_seconds())
        try:
            look(sampler)
        except Exception:
            log.exception("resources_not_sampled")


def look(sampler: Sampler) -> None:
    """One sample: it becomes the figures of the next scrapes, and what stays past is kept."""
    sample = sampler.take()
    found = findings(sample)
    metrics.show(sample, found)
    try:
        for finding in _lasting(found):
            if crossings.record(finding) is not None:
                log.warning("resource_threshold_crossed", kind=finding.kind, what=finding.message)
    except Exception as error:
        # The next sample finds it again; the figures are out already.
        log.warning("crossing_not_recorded", error=type(error).__name__)
    finally:
        connections.close_all()


def _lasting(found: Sequence[Finding]) -> list[Finding]:
    """Those of the last samples, too: a peak while something starts is nobody's alarm."""
    now = {(finding.kind, finding.severity) for finding in found}
    for key in list(_held):
        if key not in now:
            del _held[key]
    _held.update(now)
    return [f for f in found if _held[f.kind, f.severity] >= policy.RESOURCE_HELD]

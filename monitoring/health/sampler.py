"""One sampler in each process runs the checks; /health serves what it found last.

A hung dependency costs a caller nothing: callers read the last sample, and a check that
does not come back in time is reported as such, and not started again until it has. What it
says then is old: it is dropped, and the check asked again.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from typing import Any

import structlog

from monitoring import policy
from monitoring.health.registry import Check, Unhealthy, checks_of
from monitoring.metrics.families import GaugeFamily

log = structlog.get_logger(__name__)

_CHECKS_AT_ONCE = 64  # more than there are: a hung check must not keep another from starting
HEALTHY, DEGRADED, UNHEALTHY = "healthy", "degraded", "unhealthy"
health_check_up = GaugeFamily(
    "health_check_up", "1 while the check passes.", {"check": ("other",), "critical": ("0", "1")}
)


class Sampler:
    """Samples the checks of one process ("web" or "bot") every two seconds in a thread."""

    def __init__(self, process: str) -> None:
        self.process = process
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._running: dict[str, Future[dict[str, Any]]] = {}
        self._pool = ThreadPoolExecutor(max_workers=_CHECKS_AT_ONCE, thread_name_prefix="health")
        self._sample: dict[str, Any] = {}
        self._sampled_at = -float("inf")
        self.after: list[Callable[[dict[str, Any]], None]] = []  # called with each sample

    def start(self) -> None:
        """Begin to sample; calling it again does nothing."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="health", daemon=True)
                self._thread.start()

    def last(self) -> dict[str, Any]:
        """The answer of /health: status, timestamp, uptime (ms), checks. Never waits."""
        age = time.monotonic() - self._sampled_at
        answer = {
            "status": self._sample.get("status", UNHEALTHY),
            "timestamp": self._sample.get("timestamp", _now()),
            "uptime": int((time.monotonic() - self._began) * 1000),
            "checks": self._sample.get("checks", {}),
        }
        if age > policy.HEALTH_SAMPLE_MAX_AGE.total_seconds():
            answer["status"] = UNHEALTHY
            answer["error"] = "no fresh sample of the checks"
        return answer

    def sample(self) -> dict[str, Any]:
        """Run every check once, all at the same time; takes five seconds at most."""
        checks = checks_of(self.process)
        began = time.monotonic()
        for check in checks:
            held = self._running.get(check.name)
            if held is None or held.done():
                self._running[check.name] = self._pool.submit(_guarded, check)
        results: dict[str, Any] = {}
        status = HEALTHY
        for check in sorted(checks, key=lambda c: c.bound):
            bound = min(check.bound, policy.HEALTH_ALL_BOUND).total_seconds()
            future = self._running[check.name]
            wait([future], timeout=max(began + bound - time.monotonic(), 0))
            if future.done():
                del self._running[check.name]
                result = future.result()
            else:
                result = _failed(check, UNHEALTHY, f"no answer within {bound:g} s")
            results[check.name] = result
            ok = result["status"] == HEALTHY
            _export(check, ok)
            if not ok:
                worse = check.critical or status == UNHEALTHY
                status = UNHEALTHY if worse else DEGRADED
        self._sample = {
            "status": status,
            "timestamp": _now(),
            "checks": {check.name: results[check.name] for check in checks},
        }
        self._sampled_at = time.monotonic()
        return self._sample

    def _run(self) -> None:
        while True:
            began = time.monotonic()
            try:
                found = self.sample()
                for told in self.after:
                    told(found)
            except Exception:
                log.exception("health_sample_failed")
            took = time.monotonic() - began
            time.sleep(max(policy.HEALTH_SAMPLE_EVERY.total_seconds() - took, 0.1))


def _guarded(check: Check) -> dict[str, Any]:
    try:
        return {"status": HEALTHY, **check.run()}
    except Unhealthy as error:
        return _failed(check, error.status, str(error), **error.fields)
    except Exception as error:
        # The message of a foreign exception may hold an address or a secret: its kind says enough.
        return _failed(check, UNHEALTHY, type(error).__name__)


def _failed(check: Check, status: str, error: str, **fields: Any) -> dict[str, Any]:
    return {"status": status, "error": error, "runbook": check.runbook, **fields}


def _export(check: Check, ok: bool) -> None:
    bounded = health_check_up.bounded
    if check.name not in bounded.values["check"]:
        bounded.learn("check", [check.name])
    health_check_up.set(float(ok), check=check.name, critical=str(int(check.critical)))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def http_status(answer: dict[str, Any]) -> int:
    """200 while healthy or degraded, 503 otherwise."""
    return 503 if answer["status"] == UNHEALTHY else 200

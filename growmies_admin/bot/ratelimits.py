"""Watches every REST call: rate-limit headers, and the budget of invalid requests.

Discord bans an address for a while after 10,000 answers of 401, 403 or 429 within ten
minutes; delivery stops before that (docs/bot.md).
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import aiohttp
from multidict import CIMultiDictProxy

from growmies_admin.bot import metrics
from monitoring.metrics.families import OTHER

INVALID_ALLOWED = 10_000
INVALID_WINDOW_SECONDS = 600
INVALID_RESERVE = 2_000  # below this many left we slow down and are unhealthy
GLOBAL_PER_SECOND = 50
LONGEST_PAUSE_SECONDS = 10.0
_BUCKETS_AT_MOST = 50


@dataclass(frozen=True)
class _Bucket:
    """One window as Discord described it last."""

    remaining: float
    limit: float
    resets_at: float


class RateLimits:
    """Counts what the trace of discord.py's HTTP session reports. Lives on the event loop."""

    def __init__(self, allowed: int = INVALID_ALLOWED, reserve: int = INVALID_RESERVE) -> None:
        self.allowed = allowed
        self.reserve = reserve
        self._invalid: deque[float] = deque()
        self._sent: deque[float] = deque()
        self._buckets: dict[str, _Bucket] = {}
        self.global_limited_until = 0.0
        self.last_answer_at = 0.0
        self.on_global_over: Callable[[], None] = lambda: None

    def trace(self) -> aiohttp.TraceConfig:
        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(self._on_end)
        trace.on_request_exception.append(self._on_exception)
        return trace

    async def _on_end(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams,
    ) -> None:
        now = time.monotonic()
        status, headers = params.response.status, params.response.headers
        self.last_answer_at = now
        self._sent.append(now)
        if status in (401, 403, 429) and headers.get("X-RateLimit-Scope") != "shared":
            self._invalid.append(now)
        if status == 429 and headers.get("X-RateLimit-Global"):
            wait = float(headers.get("Retry-After", "1"))
            self.global_limited_until = now + wait
            asyncio.get_running_loop().call_later(wait + 1, self._after_global)
        kind = "429" if status == 429 else f"{status // 100}xx"
        metrics.api_requests_total.inc(status=kind if kind in ("2xx", "4xx", "429") else "5xx")
        self._bucket(headers)

    def _after_global(self) -> None:
        if time.monotonic() >= self.global_limited_until:
            self.on_global_over()

    async def _on_exception(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        _params: aiohttp.TraceRequestExceptionParams,
    ) -> None:
        metrics.api_requests_total.inc(status="none")

    def _bucket(self, headers: CIMultiDictProxy[str]) -> None:
        bucket = headers.get("X-RateLimit-Bucket")
        if not bucket:
            return
        if bucket not in self._buckets:
            if len(self._buckets) >= _BUCKETS_AT_MOST:
                bucket = OTHER
            else:
                for family in (metrics.rate_limit_remaining, metrics.rate_limit):
                    family.bounded.learn("bucket", [bucket])
        self._buckets[bucket] = _Bucket(
            remaining=float(headers.get("X-RateLimit-Remaining", "0")),
            limit=float(headers.get("X-RateLimit-Limit", "0")),
            resets_at=time.monotonic() + float(headers.get("X-RateLimit-Reset-After", "1")),
        )

    def global_remaining(self) -> int:
        """What is left of 50 requests a second; 0 while Discord holds us globally."""
        now = time.monotonic()
        if now < self.global_limited_until:
            return 0
        while self._sent and self._sent[0] < now - 1:
            self._sent.popleft()
        return max(GLOBAL_PER_SECOND - len(self._sent), 0)

    def global_reset_at(self) -> datetime:
        """When the global window is open again, at the latest."""
        wait = max(self.global_limited_until - time.monotonic(), 1.0 if self._sent else 0.0)
        return datetime.now(UTC) + timedelta(seconds=wait)

    def invalid_left(self) -> int:
        """401, 403 and 429 answers left within ten minutes."""
        limit = time.monotonic() - INVALID_WINDOW_SECONDS
        while self._invalid and self._invalid[0] < limit:
            self._invalid.popleft()
        return self.allowed - len(self._invalid)

    def invalid_by_minute(self) -> dict[int, int]:
        """Those answers of the last ten minutes, by minute of Unix time."""
        self.invalid_left()
        begin = time.time() - time.monotonic()
        return dict(Counter(int((begin + at) // 60) for at in self._invalid))

    def add_invalid(self, by_minute: Mapping[int, int]) -> None:
        """Count answers of another run too, each as at the end of its minute."""
        now, clock = time.monotonic(), time.time()
        for minute, count in by_minute.items():
            age = max(clock - (minute * 60 + 59), 0.0)
            if age <= INVALID_WINDOW_SECONDS:
                # More than all of them mean no more.
                self._invalid.extend([now - age] * min(count, self.allowed))
        self._invalid = deque(sorted(self._invalid))

    def pause_seconds(self) -> float:
        """How long to wait between two deliveries: nothing, then ever more as the budget ends."""
        left = self.invalid_left()
        if left < self.reserve:
            return LONGEST_PAUSE_SECONDS
        if left >= self.allowed // 2:
            return 0.0
        return 0.5 + 4.5 * (1 - (left - self.reserve) / (self.allowed // 2 - self.reserve))

    def must_pause(self) -> bool:
        """True while sending more would risk a ban."""
        return self.invalid_left() < self.reserve

    def is_healthy(self) -> bool:
        """No global 429 now, and enough of the invalid budget left."""
        return time.monotonic() >= self.global_limited_until and not self.must_pause()

    def export(self) -> None:
        """Write the figures out as they stand; a window that has passed is whole again."""
        now = time.monotonic()
        for name, bucket in self._buckets.items():
            left = bucket.remaining if now < bucket.resets_at else bucket.limit
            metrics.rate_limit_remaining.set(left, bucket=name)
            metrics.rate_limit.set(bucket.limit, bucket=name)
        metrics.rate_limit_remaining.set(self.global_remaining(), bucket="global")
        metrics.rate_limit.set(GLOBAL_PER_SECOND, bucket="global")
        metrics.invalid_requests_left.set(self.invalid_left())

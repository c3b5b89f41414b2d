"""Values that many ask for and one works out: in the background, once for all, never waited for.

A value belongs to a slot of time: all processes count slots alike, whoever comes first in a slot
works the value out and the others take it from Valkey. Askers read what is known, with its age,
from memory. While a source is away they go on reading the last value, and why it is not newer.
"""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import Error as DatabaseError
from django.db import connections
from psycopg_pool import PoolTimeout

from monitoring import policy
from monitoring.prometheus.client import PrometheusUnavailable

log = structlog.get_logger(__name__)
_AT_ONCE = 4
_LOOK_EVERY_SECONDS = 0.25


class NothingMeasured(Exception):
    """The source answers and has no figure; the message says so in words for a page."""


@dataclass(frozen=True)
class Kept:
    """What is known of one value: since when, and why it is not newer."""

    value: Any = None
    at: float = 0.0  # Unix seconds; 0: there is no value yet
    slot: int = -1  # of the last attempt
    failed: str = ""

    @property
    def is_known(self) -> bool:
        return self.at > 0

    def age_seconds(self, now: float) -> float:
        return max(now - self.at, 0.0)


@dataclass(frozen=True)
class Source:
    name: str
    every_seconds: float
    compute: Callable[[], Any]

    def slot(self, now: float) -> int:
        return int(now // self.every_seconds)


class Keeper:
    """Keeps values while somebody asks for them.

    `in_background` is switched off where one thread must see one transaction: a value that is
    due is then worked out by whoever asks.
    """

    def __init__(self) -> None:
        self.in_background = True
        self._sources: dict[str, Source] = {}
        self._kept: dict[str, Kept] = {}
        self._wanted_until: dict[str, float] = {}
        self._woken_at: dict[str, float] = {}
        self._running: set[str] = set()
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()
        self._wake = threading.Event()
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="keeping")

    def register(self, name: str, every: timedelta, compute: Callable[[], Any]) -> None:
        """Name a value. `compute` may block, and raise PrometheusUnavailable or NothingMeasured."""
        self._sources[name] = Source(name, every.total_seconds(), compute)

    def get(self, names: Iterable[str], *, wait: timedelta = policy.BOARD_WAIT) -> dict[str, Kept]:
        """What is known of these values. Waits only for what nobody has asked for lately,
        and never longer than `wait`."""
        wanted = [self._sources[name] for name in names]
        if not self.in_background:
            for source in wanted:
                if self._is_due(source, time.time()):
                    self._attempt(source)
        else:
            self._want(wanted)
            with self._changed:
                self._changed.wait_for(
                    lambda: not any(self._is_asleep(source) for source in wanted),
                    timeout=wait.total_seconds(),
                )
        return {source.name: self._kept.get(source.name, Kept()) for source in wanted}

    def renew(self, name: str) -> None:
        """Work it out now, in this thread: somebody has just changed what it shows."""
        self._attempt(self._sources[name])

    def renew_soon(self, name: str) -> None:
        """The same, without waiting for a source that may be slow."""
        if self.in_background:
            self._pool.submit(self._attempt, self._sources[name])
        else:
            self.renew(name)

    def forget(self) -> None:
        """Drop what this process knows, and work nothing out until somebody asks again."""
        self._wanted_until.clear()
        self._kept.clear()

    def _want(self, sources: list[Source]) -> None:
        now = time.monotonic()
        for source in sources:
            if self._wanted_until.get(source.name, 0) < now:
                self._woken_at[source.name] = now
            self._wanted_until[source.name] = now + policy.BOARD_KEPT_FRESH.total_seconds()
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="keeping", daemon=True)
                self._thread.start()
        if any(self._is_asleep(source) for source in sources):
            self._wake.set()

    def _is_due(self, source: Source, now: float) -> bool:
        kept = self._kept.get(source.name)
        return kept is None or kept.slot < source.slot(now)

    def _is_asleep(self, source: Source) -> bool:
        """Nobody had asked for it, and it is being woken: not that the source is slow."""
        if time.monotonic() - self._woken_at[source.name] > policy.BOARD_WAIT.total_seconds():
            return False
        kept = self._kept.get(source.name)
        return kept is None or kept.slot < source.slot(time.time()) - 1

    def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                self._round()
            except Exception:
                log.exception("keeping_failed")
            self._wake.wait(_LOOK_EVERY_SECONDS)

    def _round(self) -> None:
        now, monotonic = time.time(), time.monotonic()
        due = [
            self._sources[name]
            for name, until in list(self._wanted_until.items())
            if until > monotonic
            and name not in self._running
            and self._is_due(self._sources[name], now)
        ]
        if not due:
            return
        self._take_in(due)
        for source in due:
            # Whoever has the slot's turn works it out. One that dies loses one slot.
            if self._is_due(source, now) and cache.add(
                f"{_key(source)}:{source.slot(now)}", 1, source.every_seconds * 2
            ):
                self._running.add(source.name)
                self._pool.submit(self._attempt, source)

    def _take_in(self, sources: list[Source]) -> None:
        """What other processes know and we don't."""
        try:
            found = cache.get_many([_key(source) for source in sources])
        except Exception as error:  # an older version's value that can't be read
            log.warning("kept_unreadable", error=type(error).__name__)
            return
        with self._changed:
            for source in sources:
                theirs = found.get(_key(source))
                ours = self._kept.get(source.name, Kept())
                if isinstance(theirs, Kept) and theirs.slot > ours.slot:
                    self._kept[source.name] = theirs
            self._changed.notify_all()

    def _attempt(self, source: Source) -> None:
        began = time.time()
        slot = source.slot(began)
        try:
            made = Kept(source.compute(), began, slot)
        except (PrometheusUnavailable, NothingMeasured) as why:
            made = self._last(source, slot, str(why))
        except (DatabaseError, PoolTimeout):
            made = self._last(source, slot, "The database does not answer.")
        except Exception:
            log.exception("kept_value_failed", value=source.name)
            made = self._last(source, slot, "It could not be worked out; the log says why.")
        finally:
            if self.in_background:
                connections.close_all()
        with self._changed:
            self._kept[source.name] = made
            self._running.discard(source.name)
            self._changed.notify_all()
        cache.set(_key(source), made, policy.BOARD_LAST_KEPT.total_seconds())

    def _last(self, source: Source, slot: int, why: str) -> Kept:
        """The last value, here or in another process, with the reason that it is not newer."""
        last = self._kept.get(source.name)
        if last is None:
            self._take_in([source])
            last = self._kept.get(source.name, Kept())
        if last.age_seconds(time.time()) > policy.BOARD_LAST_KEPT.total_seconds():
            last = Kept()
        return replace(last, slot=slot, failed=why)


def _key(source: Source) -> str:
    return f"kept:{settings.SITE_VERSION}:{source.name}"


keeper = Keeper()

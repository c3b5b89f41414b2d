"""The cache: Valkey's second database, and nothing at all while Valkey is away."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
T = TypeVar("T")
AGAIN_AFTER_SECONDS = 2.0


class TolerantCache(RedisCache):
    """A cache that misses while Valkey is away: no page depends on it, or waits for it.

    After a failure nothing is asked for two seconds, so that a hung Valkey costs one time-out
    in a while, not one a call. What is counted in it, such as failed sign-ins, is not counted
    meanwhile (docs/guarantees.md). Health's own check asks Valkey itself.
    """

    _asked_again_at = 0.0

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._tolerant(
            lambda: super(TolerantCache, self).get(key, default, version), default
        )

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        self._tolerant(lambda: super(TolerantCache, self).set(key, value, timeout, version), None)

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        return self._tolerant(
            lambda: bool(super(TolerantCache, self).add(key, value, timeout, version)), True
        )

    def delete(self, key: Any, version: int | None = None) -> bool:
        return self._tolerant(lambda: bool(super(TolerantCache, self).delete(key, version)), False)

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        return self._tolerant(lambda: super(TolerantCache, self).get_many(keys, version), {})

    def _tolerant(self, call: Callable[[], T], answer: T) -> T:
        if time.monotonic() < TolerantCache._asked_again_at:
            return answer
        try:
            return call()
        except (RedisError, OSError) as error:
            TolerantCache._asked_again_at = time.monotonic() + AGAIN_AFTER_SECONDS
            log.warning("cache_away", error=type(error).__name__)
            return answer

"""The cache: Valkey's second database, and nothing at all while Valkey is away."""

from datetime import timedelta
from typing import Any, ClassVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from django.utils.functional import cached_property
from redis import Redis

from monitoring.breaking import Breaker

AGAIN_AFTER = timedelta(seconds=2)


class OneClient(RedisCacheClient):
    """Makes one client for each server, not one for each call; a client is safe for threads."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._made: dict[int, Redis] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Redis:
        index = self._get_connection_pool_index(write)  # type: ignore[attr-defined]
        if index not in self._made:
            self._made[index] = super().get_client(key, write=write)
        return self._made[index]


class TolerantCache(RedisCache):
    """A cache that misses while Valkey is away: no page depends on it, or waits for it.

    After a failure nothing is asked for two seconds, so that a hung Valkey costs one time-out
    in a while, not one a call. What is counted in it, such as failed sign-ins, is not counted
    meanwhile (docs/guarantees.md). Health's own check asks Valkey itself.
    """

    breaker = Breaker("cache_away", AGAIN_AFTER)
    _shared: ClassVar[dict[str, OneClient]] = {}

    @cached_property
    def _cache(self) -> OneClient:
        """One for the process. Django makes a cache anew for each request that comes over ASGI,
        and each would connect to Valkey anew."""
        servers, options = self._servers, self._options  # type: ignore[attr-defined]
        key = repr((servers, sorted(options.items())))
        return self._shared.setdefault(key, OneClient(servers, **options))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self.breaker.call(
            lambda: super(TolerantCache, self).get(key, default, version), default
        )

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        self.breaker.call(
            lambda: super(TolerantCache, self).set(key, value, timeout, version), None
        )

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        return self.breaker.call(
            lambda: bool(super(TolerantCache, self).add(key, value, timeout, version)), True
        )

    def delete(self, key: Any, version: int | None = None) -> bool:
        return self.breaker.call(
            lambda: bool(super(TolerantCache, self).delete(key, version)), False
        )

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        return self.breaker.call(lambda: super(TolerantCache, self).get_many(keys, version), {})

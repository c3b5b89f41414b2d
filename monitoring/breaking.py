"""What is of use and may be away, such as Valkey: nobody waits for it again and again."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import structlog
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
T = TypeVar("T")


class Breaker:
    """Asks, and after a failure asks nothing for a while: a server that hangs costs one time-out
    in that time, not one a call. Each failure is logged as `event`."""

    def __init__(self, event: str, pause: timedelta) -> None:
        self._event = event
        self._pause = pause.total_seconds()
        self._asked_again_at = 0.0

    def call(self, ask: Callable[[], T], otherwise: T) -> T:
        """What it answers, or `otherwise` while it is away."""
        if time.monotonic() < self._asked_again_at:
            return otherwise
        try:
            return ask()
        except (RedisError, OSError) as error:
            self._asked_again_at = time.monotonic() + self._pause
            log.warning(self._event, error=type(error).__name__)
            return otherwise

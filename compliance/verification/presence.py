"""Who looks at a request right now. Kept in Valkey for seconds, and nowhere else.

Without Valkey nobody is seen and nothing fails: a claim, not a look, is what counts.
"""

import time
from typing import Any

import redis
import structlog
from django.conf import settings

from compliance import policy

log = structlog.get_logger(__name__)
_TIMEOUT_SECONDS = 0.3
_client: redis.Redis | None = None
_asked_again_at = 0.0


def look(request_id: int, moderator: Any) -> list[str]:
    """Say that this person looks, and hear who else does, by name."""
    name, now = _name(request_id), time.time()
    life = int(policy.PRESENCE_LIFE.total_seconds())
    pipe = _valkey().pipeline(transaction=False)
    pipe.zremrangebyscore(name, "-inf", now - life)
    pipe.zadd(name, {_mark(moderator): now})
    pipe.expire(name, life)
    pipe.zrange(name, 0, 20)
    return _others(pipe, moderator)


def leave(request_id: int, moderator: Any) -> None:
    """Say that this person has gone on."""
    pipe = _valkey().pipeline(transaction=False)
    pipe.zrem(_name(request_id), _mark(moderator))
    _run(pipe)


def _others(pipe: Any, moderator: Any) -> list[str]:
    answers = _run(pipe)
    seen = set(answers[-1]) - {_mark(moderator)} if answers else set()
    return sorted(mark.partition(":")[2] for mark in seen)


def _name(request_id: int) -> str:
    return f"{settings.CACHES['default'].get('KEY_PREFIX', '')}presence:{request_id}"


def _mark(moderator: Any) -> str:
    return f"{moderator.pk}:{moderator}"


def _run(pipe: Any) -> list[Any]:
    """The answers, or none while Valkey is away; then it is not asked for a while."""
    global _asked_again_at
    if time.monotonic() < _asked_again_at:
        return []
    try:
        answers: list[Any] = pipe.execute()
    except (redis.RedisError, OSError) as error:
        _asked_again_at = time.monotonic() + policy.PRESENCE_PAUSE.total_seconds()
        log.warning("presence_away", error=type(error).__name__)
        return []
    return answers


def _valkey() -> redis.Redis:
    global _client
    if _client is None:
        _client = redis.Redis.from_url(
            str(settings.CACHES["default"]["LOCATION"]),
            decode_responses=True,
            socket_connect_timeout=_TIMEOUT_SECONDS,
            socket_timeout=_TIMEOUT_SECONDS,
        )
    return _client

"""Who looks at a request right now. Kept in Valkey for seconds, and nowhere else.

Without Valkey nobody is seen and nothing fails: a claim, not a look, is what counts.
"""

import time
from typing import Any

import redis
from django.conf import settings

from compliance import policy
from monitoring.breaking import Breaker
from monitoring.people import Person

_TIMEOUT_SECONDS = 0.3
_client: redis.Redis | None = None
_breaker = Breaker("presence_away", policy.PRESENCE_PAUSE)


def look(kind: str, subject: int, moderator: Person) -> list[str]:
    """Say that this person looks, and hear who else does, by name."""
    name, now = _name(kind, subject), time.time()
    life = int(policy.PRESENCE_LIFE.total_seconds())
    pipe = _valkey().pipeline(transaction=False)
    pipe.zremrangebyscore(name, "-inf", now - life)
    pipe.zadd(name, {_mark(moderator): now})
    pipe.expire(name, life)
    pipe.zrange(name, 0, 20)
    return _others(pipe, moderator)


def leave(kind: str, subject: int, moderator: Person) -> None:
    """Say that this person has gone on."""
    pipe = _valkey().pipeline(transaction=False)
    pipe.zrem(_name(kind, subject), _mark(moderator))
    _run(pipe)


def _others(pipe: Any, moderator: Person) -> list[str]:
    answers = _run(pipe)
    seen = set(answers[-1]) - {_mark(moderator)} if answers else set()
    return sorted(mark.partition(":")[2] for mark in seen)


def _name(kind: str, subject: int) -> str:
    return f"{settings.CACHES['default'].get('KEY_PREFIX', '')}presence:{kind}:{subject}"


def _mark(moderator: Person) -> str:
    return f"{moderator.pk}:{moderator}"


def _run(pipe: Any) -> list[Any]:
    """The answers, or none while Valkey is away."""
    answers: list[Any] = _breaker.call(pipe.execute, [])
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

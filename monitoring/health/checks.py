"""Checks of every process: the database and memory; of the web: cache, workers, Prometheus."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import psutil
import redis
from django.conf import settings
from django.db import connection, connections, transaction

from monitoring.basic_auth import sign
from monitoring.health import asking
from monitoring.health.registry import BOT, WEB, Check, Unhealthy, register

MEMORY_LIMIT_BYTES = 1024**3
_BOTH = frozenset({WEB, BOT})


def database() -> dict[str, Any]:
    """`database`: responseTime, connections."""
    began = time.perf_counter()
    try:
        # In SQL for want of a model: these are PostgreSQL's settings and sessions.
        # LOCAL: the connection goes back to the pool as it was, also when the statement fails.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 1500")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            )
            row = cursor.fetchone()
    except Exception as error:
        raise Unhealthy("PostgreSQL does not answer") from error
    finally:
        connections.close_all()
    took = (time.perf_counter() - began) * 1000
    return {"responseTime": f"{took:.1f}ms", "connections": row[0] if row else 0}


def memory() -> dict[str, Any]:
    """`memory` of a Python process: resident and virtual size."""
    info = psutil.Process().memory_info()
    percentage = info.rss / MEMORY_LIMIT_BYTES * 100
    if percentage > 90:
        raise Unhealthy(f"High memory usage: {percentage:.2f}%")
    return {
        "heapUsed": f"{info.rss / 1024**2:.2f}MB",
        "heapTotal": f"{info.vms / 1024**2:.2f}MB",
        "percentage": f"{percentage:.2f}%",
        "limit": f"{MEMORY_LIMIT_BYTES / 1024**2:.2f}MB",  # what the percentage is of
    }


def cache_check() -> dict[str, Any]:
    began = time.perf_counter()
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1
        ) as client:
            client.ping()
    except (redis.RedisError, OSError) as error:
        raise Unhealthy("Valkey does not answer") from error
    return {"responseTime": f"{(time.perf_counter() - began) * 1000:.1f}ms"}


def workers() -> dict[str, Any]:
    """The worker answers on its exporter."""
    try:
        answer = asking.get(f"{settings.WORKER_METRICS_URL}/live")
    except httpx.HTTPError as error:
        raise Unhealthy("the worker does not answer") from error
    if answer.status_code >= 500:
        raise Unhealthy("the worker answers with an error")
    return {"exporter": "answers"}


def prometheus() -> dict[str, Any]:
    if not settings.PROMETHEUS_URL:
        raise Unhealthy("Prometheus is not installed or not configured")
    try:
        answer = asking.get(f"{settings.PROMETHEUS_URL}/-/ready", sign=sign("PROMETHEUS"))
    except httpx.HTTPError as error:
        raise Unhealthy("Prometheus does not answer") from error
    if answer.status_code == 401:
        raise Unhealthy("Prometheus refuses PROMETHEUS_USER and PROMETHEUS_PASSWORD")
    if answer.status_code != 200:
        raise Unhealthy("Prometheus is not ready")
    return {"ready": True}


def _register(
    name: str, run: Callable[[], dict[str, Any]], where: frozenset[str], *, critical: bool
) -> None:
    runbook = f"docs/runbooks/health-{name}.md"
    register(Check(name, run, critical=critical, processes=where, runbook=runbook))


_register("database", database, _BOTH, critical=True)
_register("memory", memory, _BOTH, critical=True)
_register("cache", cache_check, frozenset({WEB}), critical=False)
_register("workers", workers, frozenset({WEB}), critical=False)
_register("prometheus", prometheus, frozenset({WEB}), critical=False)

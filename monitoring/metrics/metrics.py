"""Figures that no room owns: requests of the site, tasks and queues of the worker."""

from collections.abc import Iterable

import redis
from django.conf import settings

from monitoring import policy
from monitoring.metrics.families import (
    OTHER,
    CounterFamily,
    GaugeFamily,
    HistogramFamily,
    figure,
)

http_responses_total = CounterFamily(
    "http_responses_total",
    "Answers of the site by the class of their status, and whether a page of ours gave them.",
    {"status": ("1xx", "2xx", "3xx", "4xx", "5xx"), "by": ("page", OTHER)},
)
http_request_duration_seconds = HistogramFamily(
    "http_request_duration_seconds",
    "How long the site took to answer, by the name of the address.",
    {"view": (OTHER,), "method": ("GET", "POST", OTHER)},
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
celery_tasks_total = CounterFamily(
    "celery_tasks_total",
    "Ends of Celery tasks.",
    {"task": (OTHER,), "state": ("succeeded", "failed", "retried")},
)
celery_task_duration_seconds = HistogramFamily(
    "celery_task_duration_seconds",
    "How long Celery tasks ran.",
    {"task": (OTHER,)},
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300),
)
celery_task_last_success_timestamp_seconds = GaugeFamily(
    "celery_task_last_success_timestamp_seconds",
    "When each Celery task last succeeded in this start of the worker.",
    {"task": (OTHER,)},
    mode="max",
)
celery_pool_processes = GaugeFamily(
    "celery_pool_processes", "Living processes of the worker's pool.", {}
)


def _queues() -> Iterable[tuple[tuple[str, ...], float]]:
    with _broker() as broker:
        for queue in policy.WORKER_QUEUES:
            yield (queue,), _number(broker.llen(queue))


def _unacknowledged() -> Iterable[tuple[tuple[str, ...], float]]:
    with _broker() as broker:
        yield (), _number(broker.hlen("unacked"))


def _broker() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1)


def _number(answer: object) -> float:
    return float(str(answer))


figure("valkey", "celery_queue_length", "Tasks that wait in a queue.", ["queue"], _queues)
figure(
    "valkey",
    "celery_tasks_unacknowledged",
    "Tasks that a worker has taken and not finished.",
    [],
    _unacknowledged,
)

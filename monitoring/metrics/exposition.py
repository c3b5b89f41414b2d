"""The text of /metrics in a process that has one registry: web and bot."""

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

CONTENT_TYPE = CONTENT_TYPE_LATEST


def current() -> bytes:
    """Everything this process exports, in Prometheus' text format."""
    return generate_latest(REGISTRY)

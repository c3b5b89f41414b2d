"""PromQL over HTTP, with one shared short-lived cache so that many viewers cost one query."""

import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import httpx
import structlog
from django.conf import settings
from django.core.cache import cache

from monitoring import policy

log = structlog.get_logger(__name__)
_client = httpx.Client(timeout=policy.PROMETHEUS_TIMEOUT.total_seconds(), trust_env=False)


class PrometheusUnavailable(Exception):
    """No answer to a query; the message says why in words for a page."""


@dataclass(frozen=True)
class Sample:
    """One series: labels, and either one value or points of (Unix seconds, value)."""

    labels: dict[str, str]
    value: float
    points: tuple[tuple[float, float], ...] = ()


def query(promql: str, *, at: float | None = None) -> list[Sample]:
    """Instant query, of now or of a Unix time. Raises PrometheusUnavailable."""
    found = _ask("query", {"query": promql} | ({} if at is None else {"time": f"{at:.3f}"}))
    return [Sample(s["metric"], float(s["value"][1])) for s in found]


def query_between(promql: str, *, start: float, end: float, points: int = 120) -> list[Sample]:
    """Between two Unix times. Raises PrometheusUnavailable."""
    step = max(int(end - start) // points, 5)
    begin = int(start) // step * step
    return _series(promql, begin, int(end) // step * step, step)


def query_range(
    promql: str, *, minutes: int, points: int = 60, align_seconds: int = 0
) -> list[Sample]:
    """The last `minutes` in `points` steps. Raises PrometheusUnavailable.

    The last point is at a multiple of the step, or of `align_seconds` where a step is long.
    """
    step = max(minutes * 60 // points, 5)
    align = align_seconds or step
    end = int(time.time()) // align * align
    return _series(promql, end - minutes * 60, end, step)


def _series(promql: str, start: int, end: int, step: int) -> list[Sample]:
    found = _ask(
        "query_range",
        {"query": promql, "start": str(start), "end": str(end), "step": str(step)},
    )
    samples = []
    for series in found:
        values = tuple((float(at), float(value)) for at, value in series["values"])
        samples.append(Sample(series["metric"], values[-1][1] if values else 0.0, values))
    return samples


def firing_alerts() -> list[dict[str, Any]]:
    """Alerts that fire in Prometheus itself. Raises PrometheusUnavailable."""
    found = _get("alerts", {})["alerts"]
    return [one for one in found if one["state"] == "firing"]


def alert_rules() -> dict[str, list[dict[str, str]]]:
    """Labels of what is pending or fires, by name of the rule, all rules in it.

    Raises PrometheusUnavailable.
    """
    groups = _get("rules", {"type": "alert"})["groups"]
    found: dict[str, list[dict[str, str]]] = {}
    for rule in (rule for group in groups for rule in group["rules"]):
        labels = [one["labels"] for one in rule["alerts"]]
        found.setdefault(rule["name"], []).extend(labels)
    return found


def rule_expression(name: str) -> str | None:
    """The PromQL of an alert rule; None without such a rule. Raises PrometheusUnavailable."""
    groups = _get("rules", {"type": "alert"})["groups"]
    rules = (rule for group in groups for rule in group["rules"])
    return next((rule["query"] for rule in rules if rule["name"] == name), None)


def _get(kind: str, parameters: dict[str, str]) -> dict[str, Any]:
    if not settings.PROMETHEUS_URL:
        raise PrometheusUnavailable("Prometheus is not installed or not configured here.")
    try:
        answer = _client.get(f"{settings.PROMETHEUS_URL}/api/v1/{kind}", params=parameters)
        body = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise PrometheusUnavailable("Prometheus does not answer.") from error
    if body.get("status") != "success":
        raise PrometheusUnavailable("Prometheus refuses the question.")
    found: dict[str, Any] = body["data"]
    return found


def _ask(kind: str, parameters: dict[str, str]) -> list[dict[str, Any]]:
    if not settings.PROMETHEUS_URL:
        raise PrometheusUnavailable("Prometheus is not installed or not configured here.")
    key = f"promql:{kind}:{sha256('|'.join(parameters.values()).encode()).hexdigest()}"
    kept: list[dict[str, Any]] | None = cache.get(key)
    if kept is not None:
        return kept
    try:
        answer = _client.get(f"{settings.PROMETHEUS_URL}/api/v1/{kind}", params=parameters)
        body = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise PrometheusUnavailable("Prometheus does not answer.") from error
    if body.get("status") != "success":
        log.error("promql_refused", query=parameters["query"], error=body.get("error"))
        raise PrometheusUnavailable("Prometheus refuses the query.")
    found: list[dict[str, Any]] = body["data"]["result"]
    cache.set(key, found, policy.PROMETHEUS_CACHE.total_seconds())
    return found

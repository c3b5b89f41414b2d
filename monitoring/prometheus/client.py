"""PromQL over HTTP, with one shared short-lived cache so that many viewers cost one query.

What is no number (NaN, as 0/0 is) or has no end (+Inf, as 1/0 has) is no value: it is left out
here, for everybody, as if Prometheus had not known it. Neither exists in JSON.
"""

import math
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import httpx
import structlog
from django.conf import settings
from django.core.cache import cache

from monitoring import basic_auth, policy

log = structlog.get_logger(__name__)
_client = basic_auth.client("PROMETHEUS", timeout=policy.PROMETHEUS_TIMEOUT)
SHARED_SECONDS = 5


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
    samples = [Sample(s["metric"], float(s["value"][1])) for s in found]
    return [sample for sample in samples if math.isfinite(sample.value)]


def query_between(promql: str, *, start: float, end: float, points: int = 120) -> list[Sample]:
    """Between two Unix times, with a point at the end. Raises PrometheusUnavailable.

    The points count back from the end, to whole SHARED_SECONDS so that viewers share an answer:
    what began a moment ago has a point, also where a step is long.
    """
    step = max(int(end - start) // points, SHARED_SECONDS)
    last = int(end) // SHARED_SECONDS * SHARED_SECONDS
    steps = (last - int(start)) // step
    return _series(promql, last - steps * step, last, step)


def query_range(
    promql: str, *, minutes: int, points: int = 60, align_seconds: int = 0
) -> list[Sample]:
    """The last `minutes` in `points` steps. Raises PrometheusUnavailable.

    The last point is at a multiple of the step, or of `align_seconds` where a step is long.
    """
    step = max(minutes * 60 // points, 5)
    end = last_point(minutes=minutes, points=points, align_seconds=align_seconds)
    return _series(promql, end - minutes * 60, end, step)


def last_point(*, minutes: int, points: int = 60, align_seconds: int = 0) -> int:
    """Where such a range ends now: a series without a value there is not reported any more."""
    align = align_seconds or max(minutes * 60 // points, 5)
    return int(time.time()) // align * align


def _series(promql: str, start: int, end: int, step: int) -> list[Sample]:
    found = _ask(
        "query_range",
        {"query": promql, "start": str(start), "end": str(end), "step": str(step)},
    )
    samples = []
    for series in found:
        points = ((float(at), float(value)) for at, value in series["values"])
        if values := tuple(point for point in points if math.isfinite(point[1])):
            samples.append(Sample(series["metric"], values[-1][1], values))
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


def alert_rule_labels() -> list[tuple[str, dict[str, str]]]:
    """Name and own labels of each alert rule. Raises PrometheusUnavailable."""
    groups = _get("rules", {"type": "alert"})["groups"]
    return [(rule["name"], rule["labels"]) for group in groups for rule in group["rules"]]


def rule_expression(name: str) -> str | None:
    """The PromQL of an alert rule; None without such a rule. Raises PrometheusUnavailable."""
    groups = _get("rules", {"type": "alert"})["groups"]
    rules = (rule for group in groups for rule in group["rules"])
    return next((rule["query"] for rule in rules if rule["name"] == name), None)


def _get(kind: str, parameters: dict[str, str]) -> dict[str, Any]:
    body = _body(kind, parameters)
    if body.get("status") != "success":
        raise PrometheusUnavailable("Prometheus refuses the question.")
    found: dict[str, Any] = body["data"]
    return found


def _ask(kind: str, parameters: dict[str, str]) -> list[dict[str, Any]]:
    key = f"promql:{kind}:{sha256('|'.join(parameters.values()).encode()).hexdigest()}"
    kept: list[dict[str, Any]] | None = cache.get(key) if settings.PROMETHEUS_URL else None
    if kept is not None:
        return kept
    body = _body(kind, parameters)
    if body.get("status") != "success":
        log.error("promql_refused", query=parameters["query"], error=body.get("error"))
        raise PrometheusUnavailable("Prometheus refuses the query.")
    found: list[dict[str, Any]] = body["data"]["result"]
    cache.set(key, found, policy.PROMETHEUS_CACHE.total_seconds())
    return found


def _body(kind: str, parameters: dict[str, str]) -> dict[str, Any]:
    if not settings.PROMETHEUS_URL:
        raise PrometheusUnavailable("Prometheus is not installed or not configured here.")
    try:
        answer = _client.get(f"{settings.PROMETHEUS_URL}/api/v1/{kind}", params=parameters)
        if answer.status_code == 401:
            raise PrometheusUnavailable("Prometheus refuses the site's password.")
        body: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise PrometheusUnavailable("Prometheus does not answer.") from error
    return body

"""An alert's own query around its moment, as a Plotly figure and as a table."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import plotly.graph_objects as go
from django.utils import timezone

from monitoring import policy
from monitoring.alerts.expressions import Drawable, branches, drawable
from monitoring.alerts.models import Alert
from monitoring.prometheus.client import (
    PrometheusUnavailable,
    Sample,
    query_between,
    rule_expression,
)

SERIES = 8
TABLE_ROWS = 13
HELD_SECONDS = 60  # before an alert began: what held then was its cause


@dataclass
class Chart:
    """`why_not` says in words why there is nothing to draw."""

    promql: str = ""
    limit: float | None = None
    samples: list[Sample] = field(default_factory=list)
    why_not: str = ""

    @property
    def limit_words(self) -> str:
        return "" if self.limit is None else f"{self.limit:,.6f}".rstrip("0").rstrip(".")


def of(alert: Alert) -> Chart:
    """The rule's expression comes from Prometheus; the last hours of a long alert are shown."""
    try:
        expression = rule_expression(alert.name)
        if expression is None:
            return Chart(
                why_not="This alert has no rule in Prometheus, so there is no figure to draw."
            )
        found = _that_fired(expression, alert)
        start, end = span(alert)
        samples = query_between(found.promql, start=start.timestamp(), end=end.timestamp())
    except PrometheusUnavailable as why:
        return Chart(why_not=str(why))
    mine = [s for s in samples if s.points and _fits(s, alert)]
    shown = (mine or [s for s in samples if s.points])[:SERIES]
    empty = "" if shown else "Prometheus has no points of this time."
    return Chart(found.promql, found.limit, shown, empty)


def _that_fired(expression: str, alert: Alert) -> Drawable:
    """Of several conditions the one that held when the alert began, when it has a figure.

    `up == 0 or absent(up)` is drawn as `up`: that there is nothing can be seen there.
    """
    parts = [(part, drawable(part)) for part in branches(expression)]
    parts = [(part, found) for part, found in parts if found.limit is not None]
    if len(parts) > 1:
        began = alert.starts_at.timestamp()
        for condition, found in parts:
            samples = query_between(condition, start=began - HELD_SECONDS, end=began)
            if any(sample.points and _fits(sample, alert) for sample in samples):
                return found
    return parts[0][1] if parts else drawable(expression)


def span(alert: Alert) -> tuple[datetime, datetime]:
    """From an hour before its start until a while after it, or until now."""
    end = min(alert.ends_at or alert.starts_at, alert.starts_at + policy.ALERT_CHART_AFTER * 4)
    return (
        alert.starts_at - policy.ALERT_CHART_BEFORE,
        min(end + policy.ALERT_CHART_AFTER, timezone.now()),
    )


def figure(alert: Alert, chart: Chart) -> dict[str, Any]:
    """Lines, the limit, and where the alert began and ended; colours come from the page."""
    made = go.Figure()
    for sample in chart.samples:
        made.add_scatter(
            x=[datetime.fromtimestamp(at, UTC).isoformat() for at, _ in sample.points],
            y=[value for _, value in sample.points],
            mode="lines",
            name=_name(sample, alert),
        )
    found: dict[str, Any] = made.to_plotly_json()
    return {
        "data": found["data"],
        "limit": chart.limit,
        "starts_at": alert.starts_at.isoformat(),
        "ends_at": alert.ends_at and alert.ends_at.isoformat(),
        "title": alert.name,
    }


def table(chart: Chart) -> list[tuple[datetime, float]]:
    """The first series in a few steps, for whoever can't see the drawing."""
    points = chart.samples[0].points if chart.samples else ()
    step = max(len(points) // TABLE_ROWS, 1)
    return [(datetime.fromtimestamp(at, UTC), value) for at, value in points[::step]]


def _fits(sample: Sample, alert: Alert) -> bool:
    common = sample.labels.keys() & alert.labels.keys()
    return all(sample.labels[name] == alert.labels[name] for name in common)


def _name(sample: Sample, alert: Alert) -> str:
    labels = {k: v for k, v in sample.labels.items() if k != "__name__"}
    return ", ".join(f"{k}={v}" for k, v in sorted(labels.items()))[:80] or alert.name

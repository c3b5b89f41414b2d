"""Sparklines and charts from series, without a style attribute anywhere."""

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import plotly.io as pio

from monitoring.prometheus.client import Sample

pio.templates.default = "none"


@dataclass(frozen=True)
class Spark:
    """Paths in a box of 100 by 40, y downwards; `limit` is the y of a threshold line."""

    line: str
    area: str
    limit: float | None = None


def spark(sample: Sample | None, *, at_least: float = 0.0, limit: float | None = None) -> Spark:
    """The line of one series from zero up to its greatest value, or to `at_least`."""
    points = sample.points if sample else ()
    if len(points) < 2:
        return Spark("", "")
    values = [value for _, value in points]
    top = max(*values, at_least, (limit or 0) * 1.15) or 1.0
    first, last = points[0][0], points[-1][0]
    span = (last - first) or 1.0
    xy = [((at - first) / span * 100, 38 - value / top * 36) for at, value in points]
    line = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in xy)
    area = f"{line} L{xy[-1][0]:.1f} 40 L{xy[0][0]:.1f} 40 Z"
    return Spark(line, area, 38 - limit / top * 36 if limit else None)


def heatmap(days: list[str], hours: list[int], counts: list[list[float]]) -> dict[str, Any]:
    """A Plotly figure of messages by weekday and hour; colours come from the client's theme."""
    figure = go.Figure(
        go.Heatmap(z=counts, x=hours, y=days, xgap=3, ygap=3, showscale=False, hoverinfo="skip")
    )
    figure.update_layout(
        xaxis={"title": {"text": "Hour"}, "tickvals": [0, 6, 12, 18, 23]},
        yaxis={"title": {"text": ""}, "autorange": "reversed"},
    )
    found: dict[str, Any] = figure.to_plotly_json()
    return found

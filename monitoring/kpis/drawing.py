"""Trends: a sparkline from the server, and the figure that Plotly draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import plotly.graph_objects as go
import plotly.io as pio

from monitoring.kpis.registry import Kpi, Unit

pio.templates.default = "none"
_PERCENT = 100


@dataclass(frozen=True)
class Spark:
    """Lines in a box of 100 by 40, y downwards; a day without a figure is a gap."""

    lines: Sequence[str]
    dots: Sequence[tuple[float, float]]  # figures with no neighbour
    limit: float | None


def spark(values: Sequence[float | None], limit: float | None = None) -> Spark:
    """The trend of as many days as there are values, oldest first."""
    known = [value for value in values if value is not None]
    if not known:
        return Spark((), (), None)
    # With the target in the picture, unless that would flatten the line.
    low, high = min(known), max(known)
    span = high - low
    shown_limit = (
        limit if limit is not None and low - 2 * span <= limit <= high + 2 * span else None
    )
    if shown_limit is not None:
        low, high = min(low, shown_limit), max(high, shown_limit)
    height = (high - low) or 1.0
    middle = 20.0 if high == low else None

    def y(value: float) -> float:
        return middle if middle is not None else 37 - (value - low) / height * 34

    step = 100 / max(len(values) - 1, 1)
    lines, dots, run = [], [], list[tuple[float, float]]()
    for place, value in enumerate([*values, None]):
        if value is not None:
            run.append((place * step, y(value)))
            continue
        if len(run) > 1:
            lines.append("M" + " L".join(f"{x:.1f} {at:.1f}" for x, at in run))
        elif run:
            dots.append((round(min(max(run[0][0], 2), 98), 1), round(run[0][1], 1)))
        run = []
    return Spark(lines, dots, None if shown_limit is None else round(y(shown_limit), 1))


def chart(kpi: Kpi, days: Sequence[date], series: dict[str, list[float | None]]) -> dict[str, Any]:
    """The Plotly figure; the page's script gives it its colours."""
    scale = _PERCENT if kpi.unit == Unit.SHARE else 1
    figure = go.Figure()
    for name, values in series.items():
        figure.add_scatter(
            name=name,
            x=[f"{day:%Y-%m-%d}" for day in days],
            y=[None if value is None else value * scale for value in values],
            mode="lines+markers",
        )
    for target in kpi.targets:
        if not target.part or target.part in series:
            figure.add_hline(y=target.limit * scale)
    figure.update_layout(meta={"unit": kpi.unit.value}, yaxis={"title": {"text": axis(kpi.unit)}})
    found: dict[str, Any] = figure.to_plotly_json()
    return found


def axis(unit: Unit) -> str:
    return {
        Unit.SHARE: "Percent",
        Unit.SECONDS: "Seconds",
        Unit.SCORE: "Of 5",
        Unit.COUNT: "Number",
    }[unit]

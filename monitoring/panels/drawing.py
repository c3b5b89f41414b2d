"""From series to what a panel shows: Plotly figures, figures in words.

Colours come from the client's theme; no style attribute is made anywhere.
"""

import math
import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import plotly.graph_objects as go
import plotly.io as pio

from monitoring.panels.asking import line
from monitoring.panels.shown import Item, Shown, Table
from monitoring.prometheus.client import Sample, query, query_range
from monitoring.prometheus.keeping import NothingMeasured
from monitoring.tones import Tone
from monitoring.ui.words import duration

if TYPE_CHECKING:
    from monitoring.panels.registry import Panel

pio.templates.default = "none"
T = TypeVar("T")
_NEW_YORK = ZoneInfo("America/New_York")
_LINES_AT_MOST = 4
_ROWS_AT_MOST = 7
# Beside its colour each line has a pattern of its own.
_DASHES = ("solid", "dash", "dot", "longdash")


def heatmap(
    rows: Sequence[str], columns: Sequence[Any], counts: list[list[float | None]], **xaxis: Any
) -> dict[str, Any]:
    """A Plotly figure of numbers by row and column; None: nobody counted."""
    figure = go.Figure(
        go.Heatmap(z=counts, x=columns, y=rows, xgap=3, ygap=3, showscale=False, hoverinfo="skip")
    )
    figure.update_layout(xaxis=xaxis, yaxis={"autorange": "reversed"})
    found: dict[str, Any] = figure.to_plotly_json()
    return found


def drawn(panel: "Panel", shown: Shown) -> None:
    """What a panel with queries shows, as its kind says."""
    _BY_KIND[panel.kind](panel, shown)


def figure_words(panel: "Panel", number: float) -> str:
    """A number in the panel's unit, as short as it reads well from afar."""
    unit = panel.unit.value
    if unit == "state":
        return "Online" if number >= 1 else "Offline"
    if unit == "seconds":
        return duration(number)
    if unit == "%":
        return f"{number:.0f} %"
    if unit == "MB":
        return f"{number:,.0f} MB"
    if unit == "a second" and number:
        return f"{number:.2f}".rstrip("0").rstrip(".")
    return f"{number:,.0f}"


def _named(legend: str, labels: dict[str, str]) -> str:
    """The legend with the values of the labels that it names."""
    return re.sub(r"{{\s*(\w+)\s*}}", lambda m: labels.get(m[1], ""), legend).strip()


def _now(panel: "Panel") -> list[tuple[str, float]]:
    """Names and values of all series now, greatest first."""
    found = [
        (_named(one.legend, sample.labels), sample.value)
        for one in panel.queries
        for sample in query(one.promql)
        if not math.isnan(sample.value)
    ]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def _measured(panel: "Panel", found: list[T]) -> list[T]:
    """Raises NothingMeasured when there is no series: nobody exports it now."""
    if not found:
        raise NothingMeasured(panel.empty)
    return found


def _local(at: float) -> str:
    """A time of New York as Plotly takes it."""
    return datetime.fromtimestamp(at, tz=_NEW_YORK).replace(tzinfo=None).isoformat()


def _minutes(panel: "Panel") -> int:
    return int(panel.span.total_seconds() // 60)


def _ranges(panel: "Panel", points: int) -> list[tuple[str, Sample]]:
    minutes = _minutes(panel)
    align = min(minutes * 60 // points, 60)
    found = [
        (_named(one.legend, sample.labels), sample)
        for one in panel.queries
        for sample in query_range(one.promql, minutes=minutes, points=points, align_seconds=align)
    ]
    return sorted(found, key=lambda pair: (-pair[1].value, pair[0]))


def _stat(panel: "Panel", shown: Shown) -> None:
    found = _measured(panel, _now(panel))
    if not panel.built and not any(number for _, number in found):
        shown.not_measured(panel.empty)
        return
    if len(found) > 1:
        for words, number in sorted(found)[:_ROWS_AT_MOST]:
            reached = panel.threshold(number)
            tone = reached.tone if reached else Tone.MUTED
            shown.items.append(Item(words, figure_words(panel, number), tone))
        worst = min(number for _, number in found)
    else:
        worst = found[0][1]
        shown.figure = figure_words(panel, worst)
        shown.unit = "" if panel.unit.value == "state" else found[0][0].lower()
        shown.spark = line(panel.queries[0].promql, minutes=_minutes(panel), at_least=1)
    if reached := panel.threshold(worst):
        shown.tone = reached.tone
        if reached.words:
            shown.say(reached.words, reached.tone)


def _lines(panel: "Panel", shown: Shown) -> None:
    found = _measured(panel, _ranges(panel, 60))[:_LINES_AT_MOST]
    figure = go.Figure()
    last = max(sample.points[-1][0] for _, sample in found)
    for (words, sample), dash in zip(found, _DASHES, strict=False):
        figure.add_scatter(
            x=[_local(at) for at, _ in sample.points],
            y=[None if math.isnan(v) else round(v, 4) for _, v in sample.points],
            name=words,
            mode="lines" if len(sample.points) > 2 else "lines+markers",
            line={"dash": dash},
            cliponaxis=False,
        )
    figure.update_layout(
        xaxis={
            "nticks": 4,
            "tickformat": "%H:%M" if panel.span.days < 2 else "%a",
            "range": [_local(last - panel.span.total_seconds()), _local(last)],
        },
        yaxis={"rangemode": "tozero", "nticks": 4},
    )
    shown.chart = figure.to_plotly_json()
    shown.swatches = [f"{words} {figure_words(panel, one.value)}" for words, one in found]
    rows = [[words, figure_words(panel, one.value)] for words, one in found]
    shown.chart_table = Table(["Series", "Now"], rows)


def _heatmap(panel: "Panel", shown: Shown) -> None:
    series = _measured(panel, _ranges(panel, 24))
    found = [pair for pair in series if any(v for _, v in pair[1].points)]
    if not found:
        shown.nothing = panel.empty
        return
    found.sort(key=lambda pair: -sum(v for _, v in pair[1].points))
    found = found[:_ROWS_AT_MOST]
    last, step = max(sample.points[-1][0] for _, sample in found), panel.span.total_seconds() / 24
    times = [last - step * before for before in range(23, -1, -1)]
    columns = [f"{datetime.fromtimestamp(at, tz=_NEW_YORK):%H:%M}" for at in times]
    counts: list[list[float | None]] = []
    for _, sample in found:
        at_time = dict(sample.points)
        counts.append([at_time.get(at) for at in times])  # whole seconds: keys are the same
    names = [words for words, _ in found]
    shown.chart = heatmap(names, columns, counts, nticks=6)
    figures = ["–" if row[-1] is None else figure_words(panel, row[-1]) for row in counts]
    rows = [[name, figure] for name, figure in zip(names, figures, strict=True)]
    shown.chart_table = Table(["Series", "Now"], rows)


def _pie(panel: "Panel", shown: Shown) -> None:
    found = [pair for pair in _measured(panel, _now(panel)) if pair[1] > 0]
    if not found:
        shown.nothing = panel.empty
        return
    names, numbers = [words for words, _ in found], [number for _, number in found]
    figure = go.Figure(
        go.Pie(labels=names, values=numbers, hole=0.55, sort=False, hoverinfo="skip")
    )
    figure.update_traces(textinfo="label+value", textposition="outside")
    shown.chart = figure.to_plotly_json()
    rows = [[words, figure_words(panel, number)] for words, number in found]
    shown.chart_table = Table(["Part", "Number"], rows)


def _table(panel: "Panel", shown: Shown) -> None:
    rows: list[list[str]] = []
    headings: list[str] = []
    for one in panel.queries:
        found = [s for s in _measured(panel, query(one.promql)) if s.value > 0]
        for sample in sorted(found, key=lambda sample: -sample.value)[:_ROWS_AT_MOST]:
            headings = [*(label.capitalize() for label in sample.labels), "Number"]
            rows.append([*sample.labels.values(), figure_words(panel, sample.value)])
    if rows:
        shown.table = Table(headings, rows)
    elif panel.built:
        shown.nothing = panel.empty
    else:
        shown.not_measured(panel.empty)


def _list(panel: "Panel", shown: Shown) -> None:
    for words, number in _measured(panel, _now(panel))[:_ROWS_AT_MOST]:
        reached = panel.threshold(number)
        tone = reached.tone if reached else Tone.MUTED
        shown.items.append(Item(words, figure_words(panel, number), tone))


_BY_KIND = {
    "stat": _stat,
    "lines": _lines,
    "heatmap": _heatmap,
    "pie": _pie,
    "table": _table,
    "list": _list,
}

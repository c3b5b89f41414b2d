"""From series to what a panel shows: Plotly figures, figures in words.

Colours come from the client's theme; no style attribute is made anywhere.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import plotly.graph_objects as go
import plotly.io as pio

from monitoring.panels.asking import line
from monitoring.panels.shown import Item, Shown, Table
from monitoring.prometheus.client import Sample, last_point, query, query_range
from monitoring.prometheus.keeping import NothingMeasured
from monitoring.tones import Tone
from monitoring.ui.words import duration

if TYPE_CHECKING:
    from monitoring.panels.registry import Panel

pio.templates.default = "none"
T = TypeVar("T")
_NEW_YORK = ZoneInfo("America/New_York")
_LABEL = re.compile(r"{{\s{0,5}(\w{1,64})\s{0,5}}}")
_LINES_AT_MOST = 4
_POINTS = 60  # of a line
_ROWS_AT_MOST = 7
_PARTS_AT_MOST = 5  # of a pie: as many as there are colours
_NAMES = frozenset({"channel", "command", "bot_name", "instance", "job"})  # shown as they are
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


def _named(panel: "Panel", legend: str, labels: dict[str, str]) -> str:
    """The legend with the values of the labels that it names, in words."""
    return _LABEL.sub(lambda m: _said(panel, m[1], labels.get(m[1], "")), legend).strip()


def _said(panel: "Panel", label: str, value: str) -> str:
    """A label's value in words."""
    known = dict(panel.words)
    if value in known:
        return known[value]
    return value if label in _NAMES else value.replace("_", " ")


def _more(number: int) -> list[str]:
    return [f"+{number} more"] if number > 0 else []


def _now(panel: "Panel") -> list[tuple[str, float]]:
    """Names and values of all series now, greatest first."""
    found = [
        (_named(panel, one.legend, sample.labels), sample.value)
        for one in panel.queries
        for sample in query(one.promql)
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


def _ranges(panel: "Panel", points: int) -> tuple[list[tuple[str, Sample]], float]:
    """The series by name, greatest first, and the time of the newest point that there can be."""
    minutes = _minutes(panel)
    span = {"minutes": minutes, "points": points, "align_seconds": min(minutes * 60 // points, 60)}
    end = last_point(**span)
    found = [
        (_named(panel, one.legend, sample.labels), sample)
        for one in panel.queries
        for sample in query_range(one.promql, **span)
    ]
    newest = max((sample.points[-1][0] for _, sample in found), default=end)
    return sorted(found, key=lambda pair: (-pair[1].value, pair[0])), max(newest, end)


def _now_words(panel: "Panel", sample: Sample, end: float) -> str:
    """Its figure now; a dash where nobody reports it any more."""
    step = panel.span.total_seconds() / _POINTS
    is_over = end - sample.points[-1][0] > 2 * step
    return "–" if is_over else figure_words(panel, sample.value)


def _stat(panel: "Panel", shown: Shown) -> None:
    found = _measured(panel, _now(panel))
    if not panel.built and not any(number for _, number in found):
        shown.not_measured(panel.empty)
        return
    if len(found) > 1:
        for words, number in sorted(found):
            reached = panel.threshold(number)
            tone = reached.tone if reached else Tone.MUTED
            shown.items.append(Item(words, figure_words(panel, number), tone))
        shown.cut(_ROWS_AT_MOST)
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
    series, last = _ranges(panel, _POINTS)
    every = _measured(panel, series)
    found, shown.foot = every[:_LINES_AT_MOST], _more(len(every) - _LINES_AT_MOST)
    figure = go.Figure()
    for (words, sample), dash in zip(found, _DASHES, strict=False):
        figure.add_scatter(
            x=[_local(at) for at, _ in sample.points],
            y=[round(v, 4) for _, v in sample.points],
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
    rows = [[words, _now_words(panel, one, last)] for words, one in found]
    shown.swatches = [f"{words} {figure}" for words, figure in rows]
    shown.chart_table = Table(["Series", "Now"], rows)


def _heatmap(panel: "Panel", shown: Shown) -> None:
    ranges, last = _ranges(panel, 24)
    series = _measured(panel, ranges)
    found = [pair for pair in series if any(v for _, v in pair[1].points)]
    if not found:
        shown.nothing = panel.empty
        return
    found.sort(key=lambda pair: -sum(v for _, v in pair[1].points))
    shown.foot = _more(len(found) - _ROWS_AT_MOST)
    found = found[:_ROWS_AT_MOST]
    step = panel.span.total_seconds() / 24
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
    if len(found) > _PARTS_AT_MOST:
        rest = found[_PARTS_AT_MOST - 1 :]
        others = (f"{len(rest)} others", sum(number for _, number in rest))
        found = [*found[: _PARTS_AT_MOST - 1], others]
    names, numbers = [words for words, _ in found], [number for _, number in found]
    figure = go.Figure(
        go.Pie(labels=names, values=numbers, hole=0.55, sort=False, hoverinfo="skip")
    )
    # A part's name stands in the legend, where it has room.
    figure.update_traces(textinfo="value", textposition="outside")
    shown.chart = figure.to_plotly_json()
    shown.swatches = [f"{words} {figure_words(panel, number)}" for words, number in found]
    rows = [[words, figure_words(panel, number)] for words, number in found]
    shown.chart_table = Table(["Part", "Number"], rows)


def _table(panel: "Panel", shown: Shown) -> None:
    rows: list[list[str]] = []
    headings: list[str] = []
    for one in panel.queries:
        found = [s for s in _measured(panel, query(one.promql)) if s.value > 0]
        for sample in sorted(found, key=lambda sample: -sample.value):
            names = [label.replace("_", " ").capitalize() for label in sample.labels]
            headings = [*names, "Number"]
            said = [_said(panel, label, value) for label, value in sample.labels.items()]
            rows.append([*said, figure_words(panel, sample.value)])
    if rows:
        shown.table = Table(headings, rows[:_ROWS_AT_MOST])
        shown.more = max(0, len(rows) - _ROWS_AT_MOST)
    elif panel.built:
        shown.nothing = panel.empty
    else:
        shown.not_measured(panel.empty)


def _list(panel: "Panel", shown: Shown) -> None:
    for words, number in _measured(panel, _now(panel)):
        reached = panel.threshold(number)
        tone = reached.tone if reached else Tone.MUTED
        shown.items.append(Item(words, figure_words(panel, number), tone))
    shown.cut(_ROWS_AT_MOST)


_BY_KIND = {
    "stat": _stat,
    "lines": _lines,
    "heatmap": _heatmap,
    "pie": _pie,
    "table": _table,
    "list": _list,
}

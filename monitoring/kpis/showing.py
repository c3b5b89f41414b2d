"""What the pages show: the last days of each KPI, in one query."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from monitoring import policy
from monitoring.kpis import registry, words
from monitoring.kpis.days import Day, today
from monitoring.kpis.drawing import Spark, spark
from monitoring.kpis.models import Snapshot, SnapshotState
from monitoring.kpis.registry import Kpi
from monitoring.tones import Tone

_NOTHING_YET = "No snapshot was taken yet; the first ones come within minutes of a start."
_FIELDS = ("kpi", "day", "state", "value", "met", "note", "final", "taken_at")


@dataclass(frozen=True)
class Line:
    """One KPI as a page shows it."""

    kpi: Kpi
    figure: str  # "–" when there is none
    measured: bool
    note: str
    when: str
    old: bool
    met: bool | None
    target: str
    trend: Spark
    so_far: str  # of a day that runs, beside the figure of the last whole one
    days: Sequence[Snapshot]  # newest first

    @property
    def verdict(self) -> tuple[str, str] | None:
        """(tone, words) of the target."""
        if self.met is None:
            return None
        return (Tone.OK, "On target") if self.met else (Tone.WARN, "Off target")

    @property
    def with_parts(self) -> Snapshot | None:
        """The newest day of which there are parts: a whole one where figures mean whole days."""
        whole = (row for row in self.days if row.parts and not _is_partial(self.kpi, row))
        return next(whole, None) or next((row for row in self.days if row.parts), None)


@dataclass(frozen=True)
class Group:
    title: str
    lines: Sequence[Line]
    measured: int


def groups() -> list[Group]:
    """All KPIs by group, in the order of the community's list."""
    now = today()
    days = _days(now)
    by_kpi: dict[str, list[Snapshot]] = defaultdict(list)
    for row in _rows(days[0]).only(*_FIELDS):
        by_kpi[row.kpi].append(row)
    found: dict[str, list[Line]] = defaultdict(list)
    for kpi in registry.all_kpis():
        found[kpi.group].append(_line(kpi, by_kpi[kpi.slug], days, now))
    return [Group(t, lines, sum(line.measured for line in lines)) for t, lines in found.items()]


def line(kpi: Kpi) -> Line:
    """One KPI with its days, parts included."""
    now = today()
    days = _days(now)
    return _line(kpi, list(_rows(days[0]).filter(kpi=kpi.slug)), days, now)


def series(kpi: Kpi, shown: Line) -> tuple[list[date], dict[str, list[float | None]]]:
    """Days, and by name what the chart draws of them."""
    days = _days(today())
    by_day = {row.day: row for row in shown.days if not _is_partial(kpi, row)}
    names = kpi.lines or ("",)
    found: dict[str, list[float | None]] = {}
    for name in names:
        values = [_of(by_day.get(day), name) for day in days]
        found[name or kpi.title] = values
    return days, found


def first_day() -> date:
    """The oldest day that is shown."""
    return _days(today())[0]


def _of(row: Snapshot | None, name: str) -> float | None:
    if row is None or not name:
        return row.value if row else None
    value: float | None = dict(row.parts).get(name)
    return value


def _days(now: Day) -> list[date]:
    count = policy.KPI_SHOWN.days
    return [now.on - timedelta(days=count - 1 - place) for place in range(count)]


def _rows(since: date) -> Any:
    return Snapshot.objects.filter(day__gte=since).order_by("-day")


def _is_partial(kpi: Kpi, row: Snapshot) -> bool:
    """Of the day that runs, where a figure means a whole day."""
    return kpi.whole_day and not row.final


def _line(kpi: Kpi, rows: Sequence[Snapshot], days: Sequence[date], now: Day) -> Line:
    whole = [row for row in rows if not _is_partial(kpi, row)]
    running = next((row for row in rows if row.day == now.on), None)
    shown = whole[0] if whole else running
    so_far = ""
    if shown is not running and running is not None and running.value is not None:
        so_far = words.figure(running.value, kpi.unit)
    by_day = {row.day: row.value for row in whole}
    limit = next((target.limit for target in kpi.targets if not target.part), None)
    return Line(
        kpi=kpi,
        figure=_figure(kpi, shown),
        measured=shown is not None and shown.value is not None,
        note=shown.note if shown else _NOTHING_YET,
        when=_when(shown, now),
        old=shown is not None and shown.day < now.earlier(1),
        met=shown.met if shown else None,
        target=words.targets(kpi),
        trend=spark([by_day.get(day) for day in days], limit),
        so_far=so_far,
        days=rows,
    )


def _figure(kpi: Kpi, row: Snapshot | None) -> str:
    if row is None or row.value is None:
        few = row is not None and row.state == SnapshotState.TOO_FEW
        return "Too few to show" if few else "Not measured"
    return words.figure(row.value, kpi.unit)


def _when(row: Snapshot | None, now: Day) -> str:
    """Of which day the figure is, in words."""
    if row is None:
        return ""
    if row.day == now.on:
        return "so far today"
    if row.day == now.earlier(1):
        return "yesterday"
    return f"{row.day.day} {row.day:%b %Y}"

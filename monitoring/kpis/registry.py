"""The registry of KPIs. Rooms register theirs in `kpis.py`; pages and snapshots follow from it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NoReturn

from django.conf import settings

from monitoring.kpis.days import Day


class NotMeasured(Exception):
    """There is no figure; the message says why, in words for a reader."""


class TooFew(NotMeasured):
    """A figure of so few that it would tell of single people."""


class SourceAway(NotMeasured):
    """The source did not answer: it is asked again, for as long as it still knows."""


class Unit(StrEnum):
    COUNT = "count"
    SHARE = "share"  # from 0 to 1, shown in percent
    SECONDS = "seconds"
    SCORE = "score"  # from 1 to 5


@dataclass(frozen=True)
class Part:
    """One of several figures that a KPI is made of; None: not measured."""

    label: str
    value: float | None


@dataclass(frozen=True)
class Reading:
    """What was measured; `note` says what a reader should know beside it."""

    value: float
    parts: Sequence[Part] = ()
    note: str = ""


@dataclass(frozen=True)
class Target:
    """A limit of the value, or of the part of that label."""

    limit: float
    at_least: bool = True
    part: str = ""

    def is_met(self, reading: Reading) -> bool:
        """A part that was not measured meets nothing."""
        values = [reading.value]
        if self.part:
            values = [
                p.value for p in reading.parts if p.label == self.part and p.value is not None
            ]
        return bool(values) and (
            values[0] >= self.limit if self.at_least else values[0] <= self.limit
        )


@dataclass(frozen=True)
class Link:
    """A page that tells more, for whoever has the right to see it."""

    words: str
    url: str
    right: str


@dataclass(frozen=True)
class Table:
    """Groups behind the figure; those that are too small say so in the cell."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Kpi:
    """One KPI. `place` is its place in the community's list; groups stand in that order.

    `measure(day)` raises NotMeasured instead of answering 0 for what nobody counted. With
    `whole_day` the figure grows through the day, so only a finished day is shown and judged.
    `lines` are labels of parts that the chart draws; without, it draws the value.
    `table()` tells more on the KPI's own page.
    """

    slug: str
    title: str
    group: str
    place: int
    definition: str
    formula: str
    source: str
    unit: Unit
    measure: Callable[[Day], Reading]
    targets: Sequence[Target] = ()
    whole_day: bool = False
    more_is_better: bool = True  # where only the operator sets a target
    lines: Sequence[str] = ()
    further: Sequence[Link] = field(default=())
    table: Callable[[], Table] | None = None

    def is_met(self, reading: Reading) -> bool | None:
        """Whether all targets are met; None without one."""
        if not self.targets:
            return None
        return all(target.is_met(reading) for target in self.targets)


_KPIS: dict[str, Kpi] = {}


class UnknownKpi(LookupError):
    """No room registers a KPI of that name."""


def register(kpi: Kpi) -> Kpi:
    """With the target of KPI_TARGETS, where it names this one."""
    if (limit := settings.KPI_TARGETS.get(kpi.slug)) is not None:
        kpi = replace(kpi, targets=_wanted(kpi, limit))
    _KPIS[kpi.slug] = kpi
    return kpi


def _wanted(kpi: Kpi, limit: float) -> list[Target]:
    """Its targets with another limit of the value; shares are set in percent."""
    of_value = next((target for target in kpi.targets if not target.part), None)
    at_least = of_value.at_least if of_value else kpi.more_is_better
    limit = limit / 100 if kpi.unit == Unit.SHARE else limit
    return [Target(limit, at_least), *(target for target in kpi.targets if target.part)]


def get(slug: str) -> Kpi:
    """Raises UnknownKpi."""
    try:
        return _KPIS[slug]
    except KeyError:
        raise UnknownKpi(slug) from None


def all_kpis() -> list[Kpi]:
    return sorted(_KPIS.values(), key=lambda kpi: kpi.place)


def nothing_counts_it(sentence: str) -> Callable[[Day], Reading]:
    """`measure` of a KPI whose input is not built."""

    def measure(_day: Day) -> NoReturn:
        raise NotMeasured(sentence)

    return measure

"""Metric families with bounded label values.

Every combination of known values starts at 0, so that `rate()` and `increase()` see the
first event. A value that is not known folds into the label's last value when that is
`other`; without `other` it is refused. So a family has as many series as its values
multiply to, whatever comes in.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

from prometheus_client import Counter, Gauge, Histogram, Metric

Values = Mapping[str, Sequence[str]]
OTHER = "other"

# Gauges that only the worker's exporter reads, when it is scraped: by the source that they are
# read from (one that hangs keeps no other away), name -> (help, labels, read).
DatabaseReading = Iterable[tuple[tuple[str, ...], float]]
Figure = tuple[str, tuple[str, ...], Callable[[], DatabaseReading]]
FIGURES: dict[str, dict[str, Figure]] = {"database": {}}
DATABASE_GAUGES = FIGURES["database"]


class UnknownLabel(ValueError):
    """A label value outside the family's list, where there is no `other`."""


class Bounded:
    """Maps label values to the known ones."""

    def __init__(self, name: str, values: Values) -> None:
        self.name = name
        self.values = {label: tuple(known) for label, known in values.items()}

    def fold(self, labels: Mapping[str, Any]) -> dict[str, str]:
        """The labels with every unknown value folded into `other`."""
        if labels.keys() != self.values.keys():
            raise UnknownLabel(f"{self.name} has the labels {', '.join(self.values)}")
        folded = {}
        for label, known in self.values.items():
            value = str(labels[label])
            if value not in known:
                if OTHER not in known:
                    raise UnknownLabel(f"{self.name}: {label} can't be {value!r}")
                value = OTHER
            folded[label] = value
        return folded

    def combinations(self) -> Iterable[dict[str, str]]:
        for combination in itertools.product(*self.values.values()):
            yield dict(zip(self.values, combination, strict=True))

    def learn(self, label: str, values: Iterable[str], *, at_most: int = 100) -> None:
        """Add known values found at run time, such as the guild's channels, up to a bound."""
        known = [v for v in self.values[label] if v != OTHER]
        known += [v for v in values if v not in known and v != OTHER]
        self.values[label] = (*known[:at_most], OTHER)


class Children:
    """A family's series by the labels as they were given: hot paths skip folding.

    Only labels that are known are kept, so that it has as many entries as there are series.
    """

    def __init__(self, bounded: Bounded, metric: Any) -> None:
        self._bounded = bounded
        self._metric = metric
        self._kept: dict[tuple[tuple[str, Any], ...], Any] = {}

    def of(self, labels: Mapping[str, Any]) -> Any:
        key = tuple(labels.items())
        child = self._kept.get(key)
        if child is None:
            folded = self._bounded.fold(labels)
            child = self._metric.labels(**folded) if folded else self._metric
            if folded == labels:
                self._kept[key] = child
        return child


class CounterFamily:
    """A counter; `inc(status="error")`."""

    def __init__(self, name: str, documentation: str, values: Values, *, start: bool = True):
        self.bounded = Bounded(name, values)
        self.metric = Counter(name, documentation, list(values))
        self._children = Children(self.bounded, self.metric)
        if start:
            self.start_at_zero()

    def start_at_zero(self) -> None:
        for labels in self.bounded.combinations():
            self._children.of(labels)

    def inc(self, amount: float = 1, **labels: Any) -> None:
        self._children.of(labels).inc(amount)


class HistogramFamily:
    """A histogram; `observe(seconds, status="success")`."""

    def __init__(
        self, name: str, documentation: str, values: Values, buckets: Sequence[float]
    ) -> None:
        self.bounded = Bounded(name, values)
        self.metric = Histogram(name, documentation, list(values), buckets=buckets)
        self._children = Children(self.bounded, self.metric)
        for labels in self.bounded.combinations():
            self._children.of(labels)

    def observe(self, amount: float, **labels: Any) -> None:
        self._children.of(labels).observe(amount)


class _Absent(Gauge):
    """A gauge that exports no series while `absent`; one without labels starts with 0 otherwise."""

    absent = False

    def collect(self) -> Iterable[Metric]:
        return self.describe() if self.absent else super().collect()


class GaugeFamily:
    """A gauge. Series appear when first set, and go with `clear`: an absent figure is not 0.

    `mode` says what the worker's pool makes of it: "livesum" adds up its living processes,
    "max" keeps the highest value, of those that died too.
    """

    def __init__(
        self,
        name: str,
        documentation: str,
        values: Values,
        *,
        start: bool = False,
        mode: Literal["livesum", "max"] = "livesum",
    ):
        self.bounded = Bounded(name, values)
        self.metric = _Absent(name, documentation, list(values), multiprocess_mode=mode)
        self.metric.absent = not start
        if start and values:
            for labels in self.bounded.combinations():
                self.metric.labels(**labels)

    def set(self, value: float, **labels: Any) -> None:
        folded = self.bounded.fold(labels)
        (self.metric.labels(**folded) if folded else self.metric).set(value)
        self.metric.absent = False

    def clear(self) -> None:
        """Drop all series until they are set again."""
        self.metric.absent = True
        self.metric.clear()

    def remove(self, **labels: Any) -> None:
        """Drop a series that no longer means anything (an absent figure is not 0)."""
        self.metric.remove_by_labels(self.bounded.fold(labels))


def database_gauge(
    name: str, documentation: str, labels: Sequence[str], read: Callable[[], DatabaseReading]
) -> None:
    """Register a figure computed from the database; one process exports it (the worker's exporter).

    `read` yields (label values, value) and is called at most every few seconds.
    """
    figure("database", name, documentation, labels, read)


def figure(
    source: str,
    name: str,
    documentation: str,
    labels: Sequence[str],
    read: Callable[[], DatabaseReading],
) -> None:
    """Register a figure that the worker's exporter reads from a source, such as Valkey."""
    FIGURES.setdefault(source, {})[name] = (documentation, tuple(labels), read)


__all__ = [
    "DATABASE_GAUGES",
    "FIGURES",
    "OTHER",
    "Bounded",
    "CounterFamily",
    "GaugeFamily",
    "HistogramFamily",
    "UnknownLabel",
    "database_gauge",
    "figure",
]

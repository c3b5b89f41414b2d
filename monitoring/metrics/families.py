"""Metric families with bounded label values.

Every combination of known values starts at 0, so that `rate()` and `increase()` see the
first event. A value that is not known folds into the label's last value when that is
`other`; without `other` it is refused. So a family has as many series as its values
multiply to, whatever comes in.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

Values = Mapping[str, Sequence[str]]
OTHER = "other"

# Gauges that only the worker's exporter computes, from the database: name -> (help, labels, read).
DatabaseReading = Iterable[tuple[tuple[str, ...], float]]
DATABASE_GAUGES: dict[str, tuple[str, tuple[str, ...], Callable[[], DatabaseReading]]] = {}


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


class CounterFamily:
    """A counter; `inc(status="error")`."""

    def __init__(self, name: str, documentation: str, values: Values, *, start: bool = True):
        self.bounded = Bounded(name, values)
        self.metric = Counter(name, documentation, list(values))
        if start:
            self.start_at_zero()

    def start_at_zero(self) -> None:
        for labels in self.bounded.combinations():
            self.metric.labels(**labels)

    def inc(self, amount: float = 1, **labels: Any) -> None:
        self.metric.labels(**self.bounded.fold(labels)).inc(amount)


class HistogramFamily:
    """A histogram; `observe(seconds, status="success")`."""

    def __init__(
        self, name: str, documentation: str, values: Values, buckets: Sequence[float]
    ) -> None:
        self.bounded = Bounded(name, values)
        self.metric = Histogram(name, documentation, list(values), buckets=buckets)
        for labels in self.bounded.combinations():
            self.metric.labels(**labels)

    def observe(self, amount: float, **labels: Any) -> None:
        self.metric.labels(**self.bounded.fold(labels)).observe(amount)


class GaugeFamily:
    """A gauge; in the worker pool its live processes add up. Series appear when first set."""

    def __init__(self, name: str, documentation: str, values: Values, *, start: bool = False):
        self.bounded = Bounded(name, values)
        self.metric = Gauge(name, documentation, list(values), multiprocess_mode="livesum")
        if start and values:
            for labels in self.bounded.combinations():
                self.metric.labels(**labels)

    def set(self, value: float, **labels: Any) -> None:
        folded = self.bounded.fold(labels)
        (self.metric.labels(**folded) if folded else self.metric).set(value)

    def remove(self, **labels: Any) -> None:
        """Drop a series that no longer means anything (an absent figure is not 0)."""
        self.metric.remove_by_labels(self.bounded.fold(labels))


def database_gauge(
    name: str, documentation: str, labels: Sequence[str], read: Callable[[], DatabaseReading]
) -> None:
    """Register a figure computed from the database; one process exports it (the worker's exporter).

    `read` yields (label values, value) and is called at most every few seconds.
    """
    DATABASE_GAUGES[name] = (documentation, tuple(labels), read)


__all__ = [
    "DATABASE_GAUGES",
    "OTHER",
    "Bounded",
    "CounterFamily",
    "GaugeFamily",
    "HistogramFamily",
    "UnknownLabel",
    "database_gauge",
]

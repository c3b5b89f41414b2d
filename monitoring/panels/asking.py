"""Short questions to Prometheus, and figures in words, for the query functions of panels."""

from monitoring.panels.shown import Spark
from monitoring.prometheus.client import Sample, query, query_range
from monitoring.ui.words import duration


def value(promql: str) -> float | None:
    """One number; None when there is no such series."""
    found = query(promql)
    return found[0].value if found else None


def line(
    promql: str, *, minutes: int = 60, at_least: float = 0.0, limit: float | None = None
) -> Spark:
    """A sparkline of the first series."""
    found = query_range(promql, minutes=minutes)
    return spark(found[0] if found else None, at_least=at_least, limit=limit)


def rate_words(rate: float | None) -> tuple[str, str]:
    """A rate in the unit that reads best: a second, or a minute when there is little."""
    found = rate or 0.0
    if 0 < found < 1:
        return f"{found * 60:.1f}", "a minute"
    return f"{found:.1f}" if found else "0", "a second"


def seconds_words(number: float | None) -> str:
    return "–" if number is None else duration(number)


def counted(number: float, one: str, many: str = "") -> str:
    """`1 review`, `3 reviews`."""
    return f"{number:,.0f} {one if round(number) == 1 else many or one + 's'}"


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

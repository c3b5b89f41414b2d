"""Asks Prometheus about a day, and the database about medians."""

from typing import Any

from django.db.models import Aggregate, DurationField

from monitoring.kpis.days import Day
from monitoring.kpis.registry import NotMeasured, SourceAway
from monitoring.prometheus.client import PrometheusUnavailable, Sample, query

_NEEDS_SECONDS = 60


def of_day(promql: str, day: Day) -> list[Sample]:
    """The query at the end of the day; `[1d]` in it becomes the length of that day so far.

    Raises SourceAway, and NotMeasured when there is no such series.
    """
    if day.seconds < _NEEDS_SECONDS:
        raise NotMeasured("The day has just begun.")
    asked = promql.replace("[1d]", f"[{int(day.seconds)}s]")
    try:
        return query(asked, at=day.ends.timestamp())
    except PrometheusUnavailable as why:
        raise SourceAway(str(why)) from why


def number(promql: str, day: Day, why_not: str) -> float:
    """One number of the day. Raises SourceAway, and NotMeasured(why_not) when there is none."""
    found = of_day(promql, day)
    if not found:
        raise NotMeasured(why_not)
    return found[0].value


class Percentile(Aggregate):
    """`Percentile(F("a") - F("b"), share=0.9)`: a duration, None of no rows."""

    template = "percentile_cont(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()

    def __init__(self, expression: Any, share: float) -> None:
        super().__init__(expression, share=float(share))

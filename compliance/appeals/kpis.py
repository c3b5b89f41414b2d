"""How long appeals take."""

from django.db.models import Count, F

from compliance import policy
from compliance.appeals.models import Appeal, AppealState
from monitoring import policy as monitoring_policy
from monitoring.kpis.asking import Percentile
from monitoring.kpis.days import Day
from monitoring.kpis.registry import (
    Kpi,
    Link,
    NotMeasured,
    Part,
    Reading,
    Target,
    TooFew,
    Unit,
    register,
)
from monitoring.ui.words import span

_PERIOD = span(policy.KPI_PERIOD)


def resolution_time(day: Day) -> Reading:
    """Median and slowest tenth of the appeals that were decided in the days of a figure."""
    found = (
        Appeal.objects.filter(decided_at__gt=day.back(policy.KPI_PERIOD), decided_at__lte=day.ends)
        .exclude(state__in=(AppealState.OPEN, AppealState.MOOT))
        .aggregate(
            n=Count("pk"),
            half=Percentile(F("decided_at") - F("opened_at"), 0.5),
            slow=Percentile(F("decided_at") - F("opened_at"), 0.9),
        )
    )
    if found["n"] == 0:
        raise NotMeasured(f"No appeal was decided in those {_PERIOD}.")
    if found["n"] < monitoring_policy.KPI_TOO_FEW:
        raise TooFew(
            f"Fewer than {monitoring_policy.KPI_TOO_FEW} appeals were decided in those {_PERIOD}."
        )
    half, slow = found["half"].total_seconds(), found["slow"].total_seconds()
    return Reading(half, [Part("Median", half), Part("90 % within", slow)])


register(
    Kpi(
        slug="appeal-resolution-time",
        title="Appeal resolution time",
        group="Compliance Metrics",
        place=11,
        definition="How long a member waits from an appeal until somebody else has decided it.",
        formula=f"median of (decision − appeal), of appeals decided in the {_PERIOD} that end with "
        "the day",
        source="appeals (PostgreSQL)",
        unit=Unit.SECONDS,
        measure=resolution_time,
        targets=[Target(policy.APPEAL_TARGET.total_seconds(), at_least=False)],
        lines=("Median", "90 % within"),
        further=[Link("Appeals", "/appeals/", "appeals.view")],
    )
)

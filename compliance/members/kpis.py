"""Retention."""

from compliance import policy
from compliance.members import retention
from monitoring.kpis.registry import Kpi, Link, Target, Unit, register
from monitoring.ui.words import span

_DAYS = tuple(map(str, policy.RETENTION_DAYS))

register(
    Kpi(
        slug="retention",
        title=f"Member retention rate ({'/'.join(_DAYS)} days)",
        group="Community Health",
        place=13,
        definition=f"Of the members who joined in the same {span(policy.KPI_PERIOD)}, the share "
        f"still in the guild {', '.join(_DAYS[:-1])} and {_DAYS[-1]} days after joining.",
        formula="members still there N days after joining / members who joined, from "
        f"N + {policy.KPI_PERIOD.days} to N days before the day; the figure is N = {_DAYS[0]}",
        source="members' table: joined, left (PostgreSQL)",
        unit=Unit.SHARE,
        measure=retention.measure,
        targets=[Target(policy.RETENTION_TARGET)],
        lines=tuple(f"{length} days" for length in _DAYS),
        further=[Link("Members", "/members/", "members.view")],
        table=retention.cohorts,
    )
)

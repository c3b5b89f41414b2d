"""Retention."""

from compliance import policy
from compliance.members import retention
from monitoring.kpis.registry import Kpi, Link, Target, Unit, register

register(
    Kpi(
        slug="retention",
        title="Member retention rate (30/60/90 days)",
        group="Community Health",
        place=13,
        definition="Of the members who joined in the same 30 days, the share still in the guild "
        "30, 60 and 90 days after joining.",
        formula="members still there N days after joining / members who joined, from N + 30 to "
        "N days before the day; the figure is N = 30",
        source="members' table: joined, left (PostgreSQL)",
        unit=Unit.SHARE,
        measure=retention.measure,
        targets=[Target(policy.RETENTION_TARGET)],
        lines=tuple(f"{length} days" for length in policy.RETENTION_DAYS),
        further=[Link("Members", "/members/", "members.view")],
        table=retention.cohorts,
    )
)

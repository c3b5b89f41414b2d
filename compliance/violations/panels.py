"""Panels of content violations. Rules are not built yet, and the panels say so."""

from datetime import timedelta

from monitoring.panels.boards import Board
from monitoring.panels.registry import Kind, Panel, Query, Threshold, register
from monitoring.panels.shown import Item, Shown
from monitoring.prometheus.client import query
from monitoring.tones import Tone


def _log(panel: Panel, shown: Shown) -> None:
    found = query("sum by (violation_type) (increase(compliance_violations_total[24h])) > 0.5")
    for sample in sorted(found, key=lambda s: -s.value):
        words = sample.labels["violation_type"].replace("_", " ").capitalize()
        shown.items.append(Item(words, f"{sample.value:,.0f} in 24 h", Tone.WARN))
    shown.cut(5)
    if not found:
        shown.not_measured(panel.empty)


register(
    Panel(
        slug="compliance-violation-log",
        title="Compliance Violation Log",
        short="Compliance violations",
        kind=Kind.LIST,
        board=Board.MAIN,
        position=10,
        about="Violations of the last 24 hours by kind.",
        look=_log,
        empty="Content rules are not set up yet, so violations are not measured.",
        runbook="docs/runbooks/ComplianceViolationSpike.md",
    )
)
register(
    Panel(
        slug="compliance-violations-24h",
        title="Compliance Violations (24h)",
        short="Violations, 24 h",
        kind=Kind.STAT,
        board=Board.OVERVIEW,
        position=6,
        about="Violations of the last 24 hours. Not measured yet: in Grafana it stays at 0.",
        queries=(Query("sum(increase(compliance_violations_total[24h]))", "Violations"),),
        thresholds=(Threshold(0, Tone.MUTED, "Not measured"), Threshold(1, Tone.WARN, "Found")),
        refresh=timedelta(seconds=15),
        built=False,
        empty="Content rules are not set up yet, so violations are not measured.",
        runbook="docs/runbooks/ComplianceViolationSpike.md",
    )
)

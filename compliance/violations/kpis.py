"""KPIs of content rules. Their room is not built yet: nothing finds a violation so far."""

from monitoring.kpis.registry import Kpi, Unit, nothing_counts_it, register

_NO_RULES = "Content rules are not set up: nothing looks for violations, so none can be counted."

register(
    Kpi(
        slug="violation-detection",
        title="Compliance violation detection rate",
        group="Compliance Metrics",
        place=8,
        definition="Of the violations of content rules that people confirmed, the share that a "
        "rule had found.",
        formula="confirmed violations found by a rule / all confirmed violations",
        source="detections and their reviews",
        unit=Unit.SHARE,
        measure=nothing_counts_it(_NO_RULES),
    )
)
register(
    Kpi(
        slug="moderation-false-positives",
        title="False positive rate for content moderation",
        group="Compliance Metrics",
        place=9,
        definition="Of what a rule found and a person reviewed, the share that was no violation.",
        formula="detections reviewed as no violation / detections reviewed",
        source="detections and their reviews",
        unit=Unit.SHARE,
        more_is_better=False,
        measure=nothing_counts_it(
            "Content rules are not set up: there are no detections that somebody could review."
        ),
    )
)
register(
    Kpi(
        slug="guideline-violations",
        title="Community guideline violation rate",
        group="Community Health",
        place=14,
        definition="Confirmed violations of the guidelines for every 1,000 messages.",
        formula="1,000 × confirmed violations / messages of people",
        source="detections, cases and messages",
        unit=Unit.COUNT,
        more_is_better=False,
        measure=nothing_counts_it(
            "Neither content rules nor moderation cases are set up: nobody writes violations down."
        ),
    )
)

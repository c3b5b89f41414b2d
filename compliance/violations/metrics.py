"""compliance_violations_total. Its room is not built yet: nothing counts so far."""

from monitoring.metrics.families import OTHER, CounterFamily

compliance_violations_total = CounterFamily(
    "compliance_violations_total",
    "Compliance violations detected.",
    {
        "violation_type": (
            "sales_activity",
            "underage",
            "out_of_state",
            "medical_claim",
            "minors_appeal",
            "doxxing",
            "spam",
            OTHER,
        ),
        "severity": ("low", "medium", "high", "critical"),
        "automated_action": ("none", "flag", "delete", "timeout", "escalate"),
    },
)

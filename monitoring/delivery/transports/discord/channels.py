"""The channels of the guild that get alerts; the bot keeps a webhook in each."""

from monitoring.delivery.content import About

CRITICAL, COMPLIANCE, OPS, DEFAULT = (
    "critical-alerts",
    "compliance-alerts",
    "ops-alerts",
    "monitoring-alerts",
)
DISCORD_CHANNELS = (CRITICAL, COMPLIANCE, OPS, DEFAULT)


def channel_of(about: About) -> str:
    """Critical first, then by team: the order of Alertmanager's routes."""
    if about.is_critical:
        return CRITICAL
    return {"compliance": COMPLIANCE, "infrastructure": OPS}.get(about.team, DEFAULT)

"""Pulses of incidents. The audit is on another queue than what it watches."""

from monitoring import policy
from monitoring.maintenance import registry

registry.every(
    "incidents.escalate",
    task="monitoring.incidents.tasks.escalate",
    interval=policy.ESCALATION_EVERY,
    queue="alerts",
)
registry.every(
    "incidents.surroundings",
    task="monitoring.incidents.tasks.surroundings",
    interval=policy.ESCALATION_EVERY,
)
registry.every(
    "incidents.audit",
    task="monitoring.incidents.tasks.audit",
    interval=policy.ESCALATION_AUDIT_EVERY,
)

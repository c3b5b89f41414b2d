"""Pulses of incidents. The audit is on another queue than what it watches."""

from monitoring import policy
from monitoring.maintenance import jobs

jobs.every(
    "incidents.escalate",
    task="monitoring.incidents.tasks.escalate",
    interval=policy.ESCALATION_EVERY,
    queue="alerts",
)
jobs.every(
    "incidents.surroundings",
    task="monitoring.incidents.tasks.surroundings",
    interval=policy.ESCALATION_EVERY,
)
jobs.every(
    "incidents.audit",
    task="monitoring.incidents.tasks.audit",
    interval=policy.ESCALATION_AUDIT_EVERY,
)

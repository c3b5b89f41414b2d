"""The audit trail's pulse."""

from monitoring import policy
from monitoring.maintenance import jobs

jobs.every("audit.seal", task="monitoring.audit.tasks.seal", interval=policy.AUDIT_SEAL_EVERY)

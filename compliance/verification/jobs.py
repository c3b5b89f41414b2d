"""The pulses of age verification."""

from datetime import timedelta

from compliance import policy
from monitoring.maintenance import jobs

jobs.every(
    "verification.sweep",
    task="compliance.verification.tasks.sweep",
    interval=policy.SWEEP_EVERY,
)
jobs.every(
    "verification.sweep_orphans",
    task="compliance.verification.tasks.sweep_orphans",
    interval=timedelta(minutes=5),
)

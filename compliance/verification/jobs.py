"""The periodic task of age verification, and its parts of the sweep."""

from compliance import policy
from compliance.desk import sweeping as sweep
from compliance.verification import sweeping
from monitoring.maintenance import registry

sweep.register("expired", sweeping.expire)
sweep.register("counted", sweeping.count_decisions)
registry.every(
    "verification.sweep",
    task="compliance.verification.tasks.sweep",
    interval=policy.SWEEP_EVERY,
)

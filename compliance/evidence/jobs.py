"""The periodic task of the evidence store, and its part of the sweep."""

from datetime import timedelta

from compliance.desk import sweeping as sweep
from compliance.evidence import destroying
from monitoring.maintenance import registry

sweep.register("destroyed", destroying.destroy_due)
registry.every(
    "verification.sweep_orphans",
    task="compliance.evidence.tasks.sweep_orphans",
    interval=timedelta(minutes=5),
)

"""The audit trail's pulse and its daily job."""

from datetime import timedelta

from celery.schedules import crontab

from monitoring import policy
from monitoring.audit import heads
from monitoring.maintenance import jobs

jobs.every("audit.seal", task="monitoring.audit.tasks.seal", interval=policy.AUDIT_SEAL_EVERY)
jobs.register(
    jobs.Job(
        name="audit_head",
        title="Audit trail: verify and write the head down",
        description="Walks the whole chain, then keeps its head outside of the database.",
        schedule=crontab(hour="4", minute="20"),
        schedule_words="every day 04:20",
        every=timedelta(days=1),
        run=heads.run,
        runbook="docs/runbooks/audit-head.md",
    )
)

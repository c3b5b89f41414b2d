"""The audit trail's pulses and its daily job."""

from datetime import timedelta

from celery.schedules import crontab

from monitoring import policy
from monitoring.audit_chain import verifying
from monitoring.maintenance import registry

registry.every(
    "audit.seal", task="monitoring.audit_chain.tasks.seal", interval=policy.AUDIT_SEAL_EVERY
)
registry.every(
    "audit.head", task="monitoring.audit_chain.tasks.write_head", interval=policy.AUDIT_HEAD_EVERY
)
registry.every(
    "audit.heads_outside",
    task="monitoring.audit_chain.tasks.deliver_heads",
    interval=policy.AUDIT_HEAD_EVERY,
    queue="maintenance",
)
registry.register(
    registry.Job(
        name="audit_head",
        title="Verify audit trail",
        description="Walks the whole chain, looks whether each head still stands, writes one more.",
        schedule=crontab(hour="4", minute="20"),
        every=timedelta(days=1),
        run=verifying.run,
        runbook="docs/runbooks/audit-head.md",
    )
)

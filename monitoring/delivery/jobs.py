"""The pulse of delivery: what a kick did not wake."""

from monitoring import policy
from monitoring.maintenance import registry

registry.every(
    "delivery.send",
    task="monitoring.delivery.tasks.send",
    interval=policy.DELIVERY_EVERY,
    queue="alerts",
)

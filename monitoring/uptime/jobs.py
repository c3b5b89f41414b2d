"""The pulses that look outside."""

from monitoring import policy
from monitoring.maintenance import registry

registry.every("uptime.probe", task="monitoring.uptime.tasks.probe", interval=policy.PROBE_EVERY)
registry.every(
    "uptime.discord_status",
    task="monitoring.uptime.tasks.ask_discord",
    interval=policy.DISCORD_STATUS_EVERY,
)

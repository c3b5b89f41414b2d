"""content_moderation_total. Its room is not built yet: nothing counts so far."""

from monitoring.metrics.families import OTHER, CounterFamily

content_moderation_total = CounterFamily(
    "content_moderation_total",
    "Content moderation actions.",
    {
        "action": ("note", "warn", "timeout", "kick", "ban", "unban", "delete", "lock", "role"),
        "reason": (OTHER,),
        "channel": (OTHER,),
        "automated": ("true", "false"),
    },
)

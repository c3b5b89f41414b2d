"""content_moderation_total: each case counts once, when it is recorded."""

from django.db import transaction

from compliance.moderation import reasons
from monitoring.metrics.families import OTHER, CounterFamily

content_moderation_total = CounterFamily(
    "content_moderation_total",
    "Content moderation actions.",
    {
        "action": (
            "note",
            "warn",
            "timeout",
            "kick",
            "ban",
            "unban",
            "delete",
            "lock",
            "slowmode",
            "role",
        ),
        "reason": (*(code for code in reasons.everything() if code != OTHER), OTHER),
        "channel": (OTHER,),
        "automated": ("true", "false"),
    },
)


def count(action: str, reason: str, *, automated: bool = False) -> None:
    """Count one case when the transaction commits."""
    said = "true" if automated else "false"
    transaction.on_commit(
        lambda: content_moderation_total.inc(
            action=action, reason=reason, channel=OTHER, automated=said
        )
    )

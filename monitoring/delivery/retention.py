"""How long messages are kept that no subject keeps: tests, and bundles without parts."""

from datetime import datetime

from monitoring.delivery.models import Kind, Message, State


def forget_rest(before: datetime) -> int:
    """Remove those from before that are over; a bundle is kept as long as its parts are."""
    rest = Message.objects.filter(
        created_at__lt=before, state__in=(State.SENT, State.FAILED, State.DROPPED)
    ).exclude(kind=Kind.SINGLE)
    return rest.filter(parts__isnull=True).delete()[1].get("delivery.Message", 0)

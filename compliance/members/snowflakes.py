"""Discord's ids hold the time of their making, in milliseconds since its first day."""

from datetime import datetime

from django.utils import timezone

EPOCH_MS = 1_420_070_400_000


def made_at(snowflake: int) -> datetime:
    """When Discord made what has this id, such as an account."""
    milliseconds = (snowflake >> 22) + EPOCH_MS
    return datetime.fromtimestamp(milliseconds / 1000, tz=timezone.get_current_timezone())


def first_of(at: datetime) -> int:
    """The lowest id of that millisecond."""
    return (int(at.timestamp() * 1000) - EPOCH_MS) << 22

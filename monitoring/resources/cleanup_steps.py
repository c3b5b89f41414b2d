"""What the daily clean-up removes here: old crossings."""

from django.utils import timezone

from monitoring import policy
from monitoring.maintenance import cleanup
from monitoring.resources.models import Crossing


def old_crossings() -> int:
    """Crossings past their retention, told or not."""
    limit = timezone.now() - policy.RESOURCE_CROSSING_RETENTION
    removed, _ = Crossing.objects.filter(at__lt=limit).delete()
    return removed


cleanup.step("Old crossings of resource thresholds", old_crossings)

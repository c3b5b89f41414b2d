"""Keeps what crossed a threshold: at most once in the cool-down of its kind and severity."""

from django.db import connection, transaction
from django.utils import timezone

from monitoring import policy
from monitoring.resources.models import CoolDown, Crossing
from monitoring.resources.thresholds import Finding


@transaction.atomic
def record(finding: Finding) -> Crossing | None:
    """Write one finding down; None while its kind and severity are cooling down.

    One statement takes the cool-down: of several that try at once exactly one gets it, and
    it stands in the database, so that a restart does not repeat what was told.
    """
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {CoolDown._meta.db_table} AS held (kind, severity, quiet_until)"  # noqa: S608
            " VALUES (%s, %s, %s) ON CONFLICT (kind, severity) DO UPDATE"
            " SET quiet_until = excluded.quiet_until WHERE held.quiet_until <= %s RETURNING 1",
            [finding.kind, finding.severity, now + policy.RESOURCE_COOL_DOWN, now],
        )
        if cursor.fetchone() is None:
            return None
    return Crossing.objects.create(
        kind=finding.kind,
        severity=finding.severity,
        message=finding.message,
        value=finding.value,
        threshold=finding.threshold,
        at=now,
    )


def hand_over(crossing_id: int) -> bool:
    """Mark a crossing as told; False when somebody else has told it already."""
    waiting = Crossing.objects.filter(pk=crossing_id, handed_over_at__isnull=True)
    return waiting.update(handed_over_at=timezone.now()) == 1

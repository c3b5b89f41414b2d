"""Keeps what crossed a threshold, once in the cool-down of its kind and severity, and tells it.

A missing bot is kept only: DiscordBotDown tells of it, when it is missing for two minutes.
"""

from django.db import connection, transaction
from django.utils import timezone

from monitoring import policy
from monitoring.alerts import raising
from monitoring.resources.models import CoolDown, Crossing, Kind, Severity
from monitoring.resources.thresholds import Finding

TOLD = frozenset({Kind.CPU, Kind.MEMORY, Kind.DISK, Kind.NETWORK})

HIGH_USAGE = {
    severity: raising.Kind("HighResourceUsage", severity, "infrastructure")
    for severity in (Severity.WARNING, Severity.CRITICAL)
}


@transaction.atomic
def record(finding: Finding) -> Crossing | None:
    """Write one finding down; None while its kind and severity are cooling down.

    In SQL for a race: of several that try to take the cool-down at once exactly one gets it, and
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
    is_told = finding.kind in TOLD
    if is_told:
        _tell(finding)
    return Crossing.objects.create(
        kind=finding.kind,
        severity=finding.severity,
        message=finding.message,
        value=finding.value,
        threshold=finding.threshold,
        at=now,
        handed_over_at=now if is_told else None,
    )


def _tell(finding: Finding) -> None:
    """An alert that ends by itself, unless the next crossing after the cool-down prolongs it."""
    raising.raise_alert(
        HIGH_USAGE[finding.severity],
        summary=finding.message,
        description=f"{finding.message}. The threshold is {finding.threshold:g}.",
        labels={"resource": finding.kind},
        until=timezone.now() + policy.RESOURCE_COOL_DOWN + policy.RESOURCE_ALERT_GRACE,
    )

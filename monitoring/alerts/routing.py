"""Who is told of an alert by us: channel and target. Each channel says which of its targets."""

from monitoring import policy
from monitoring.alerts.models import Alert, Source
from monitoring.delivery import transports
from monitoring.delivery.content import About

# Alertmanager writes of these to Discord itself, because we may not be able to.
OF_ALERTMANAGER = frozenset({"WebDown", "WorkerDown", "PostgresDown", "ValkeyDown"})
# Nobody is told that a dead man's switch lives.
SILENT = frozenset({policy.WATCHDOG})


def targets_of(alert: Alert) -> list[tuple[str, str]]:
    """(channel, target) of everybody who is told by us."""
    if alert.name in SILENT:
        return []
    about = About(
        severity=alert.severity,
        team=alert.service,
        past_alertmanager=alert.source == Source.DIRECT,
        alertmanager_writes=alert.name in OF_ALERTMANAGER,
    )
    return [
        (name, target)
        for name, transport in transports.everything().items()
        for target in transport.takes(about)
    ]

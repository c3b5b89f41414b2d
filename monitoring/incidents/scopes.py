"""What a maintenance window would silence, shown before anybody schedules it."""

from dataclasses import dataclass

from monitoring import policy
from monitoring.alerts import catalog
from monitoring.alerts.models import Alert, AlertQuerySet, Severity
from monitoring.incidents import windows
from monitoring.incidents.models import MaintenanceWindow

NAMED = 5


@dataclass(frozen=True)
class Covered:
    """What a scope covers: how many alerts there are in it, and which of them fire now."""

    what: str
    alerts: int
    firing: int
    critical: int
    newest: list[Alert]

    @property
    def more(self) -> int:
        """Those that fire and are not among `newest`."""
        return self.firing - len(self.newest)


def covered(*, service: str, alert_name: str) -> Covered:
    """Of one service, one alert, or with neither of everything."""
    window = MaintenanceWindow(service=service, alert_name=alert_name)
    known = catalog.kinds()
    fires = _firing(service, alert_name)
    return Covered(
        what=windows.what(window),
        alerts=sum(windows.covers(window, name=one.name, service=one.service) for one in known),
        firing=fires.count(),
        critical=fires.filter(severity=Severity.CRITICAL).count(),
        newest=list(fires.by_urgency()[:NAMED]),
    )


def services() -> list[str]:
    """That alerts are about."""
    return sorted({one.service for one in catalog.kinds() if one.service})


def names() -> list[str]:
    return sorted({one.name for one in catalog.kinds()})


def _firing(service: str, alert_name: str) -> AlertQuerySet:
    found = Alert.objects.firing().exclude(name=policy.WATCHDOG)
    if service:
        found = found.filter(service=service)
    return found.filter(name=alert_name) if alert_name else found

"""Figures of probes and of Discord's status page, from the database."""

from collections.abc import Callable, Iterable

from django.utils import timezone

from monitoring import policy
from monitoring.metrics.families import database_gauge
from monitoring.uptime.models import DiscordStatus, Indicator, Probe

Reading = Iterable[tuple[tuple[str, ...], float]]
_HOW_BAD = {
    Indicator.NONE: 0,
    Indicator.MAINTENANCE: 1,
    Indicator.MINOR: 1,
    Indicator.MAJOR: 2,
    Indicator.CRITICAL: 3,
}


def _of_probes(value: Callable[[Probe], float | None]) -> Callable[[], Reading]:
    """A figure of each probe. What nobody has looked at lately is absent, not as it was."""

    def read() -> Reading:
        limit = timezone.now() - policy.OUTSIDE_MAX_AGE
        for probe in Probe.objects.filter(checked_at__gte=limit).order_by("name"):
            number = value(probe)
            if number is not None:
                yield (probe.name,), number

    return read


def _status() -> DiscordStatus | None:
    limit = timezone.now() - policy.OUTSIDE_MAX_AGE
    return DiscordStatus.objects.filter(checked_at__gte=limit).first()


def _indicator() -> Reading:
    if status := _status():
        yield (), _HOW_BAD[Indicator(status.indicator)]


def _components() -> Reading:
    if status := _status():
        for name, state in sorted(status.components.items()):
            yield (name,), float(state == "operational")


def _expiry(probe: Probe) -> float | None:
    return probe.certificate_expires_at.timestamp() if probe.certificate_expires_at else None


for _name, _documentation, _value in (
    ("probe_success", "1 while the address answers as it should.", lambda p: float(p.up)),
    ("probe_duration_seconds", "How long the last look took.", lambda p: p.took_seconds),
    ("probe_ssl_earliest_cert_expiry", "When the certificate ends, Unix time.", _expiry),
):
    database_gauge(_name, _documentation, ["probe"], _of_probes(_value))
database_gauge(
    "discord_status_indicator",
    "Discord's status page: 0 operational, 1 minor or maintenance, 2 major, 3 critical.",
    [],
    _indicator,
)
database_gauge(
    "discord_status_component_operational",
    "1 while Discord calls this part of it operational.",
    ["component"],
    _components,
)

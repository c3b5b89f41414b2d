"""Compares a sample with the configured thresholds."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from monitoring.resources.models import Kind, Severity
from monitoring.resources.sampling import BOT, Sample


@dataclass(frozen=True)
class Finding:
    """One figure past its threshold, in words."""

    kind: Kind
    severity: Severity
    message: str
    value: float
    threshold: float


def limits() -> dict[Kind, float]:
    """The threshold of each kind: percent, Mbit/s, or how many bots there must be."""
    return {
        Kind.CPU: settings.RESOURCE_CPU_PERCENT,
        Kind.MEMORY: settings.RESOURCE_MEMORY_PERCENT,
        Kind.DISK: settings.RESOURCE_DISK_PERCENT,
        Kind.NETWORK: settings.RESOURCE_NETWORK_MBITS,
        Kind.PROCESS: 1 if settings.RESOURCE_WATCH_BOT else 0,
    }


def findings(sample: Sample) -> list[Finding]:
    """What is past its threshold now, worst kinds last."""
    return list(_find(sample, limits()))


def _find(sample: Sample, limit: dict[Kind, float]) -> Iterator[Finding]:
    warn = Severity.WARNING
    if sample.cpu_percent > limit[Kind.CPU]:
        words = f"CPU usage is high: {sample.cpu_percent:.1f} %"
        yield Finding(Kind.CPU, warn, words, sample.cpu_percent, limit[Kind.CPU])
    if sample.memory_percent > limit[Kind.MEMORY]:
        words = f"Memory usage is high: {sample.memory_percent:.1f} %"
        yield Finding(Kind.MEMORY, warn, words, sample.memory_percent, limit[Kind.MEMORY])
    network = max(sample.sent_mbits, sample.received_mbits)
    if network > limit[Kind.NETWORK]:
        words = f"Network traffic is high: {network:.1f} Mbit/s"
        yield Finding(Kind.NETWORK, warn, words, network, limit[Kind.NETWORK])
    fullest = max(sample.disks, key=lambda disk: disk.percent, default=None)
    if fullest is not None and fullest.percent > limit[Kind.DISK]:
        words = f"Disk usage is high: {fullest.percent:.1f} % ({fullest.name})"
        yield Finding(Kind.DISK, Severity.CRITICAL, words, fullest.percent, limit[Kind.DISK])
    if limit[Kind.PROCESS]:
        bots = [process for process in sample.processes if process.name == BOT]
        if not bots:
            words = "Discord bot process not found"
            yield Finding(Kind.PROCESS, Severity.CRITICAL, words, 0, limit[Kind.PROCESS])
        elif not any(process.runs for process in bots):
            words = f"Discord bot process status: {bots[0].status}"
            yield Finding(Kind.PROCESS, Severity.CRITICAL, words, 0, limit[Kind.PROCESS])

"""Figures of the host and of our processes; the worker's exporter hands the last sample out."""

import time
from collections.abc import Callable, Iterable, Sequence

from monitoring import policy
from monitoring.metrics.families import figure
from monitoring.resources.models import Kind
from monitoring.resources.sampling import Process, Sample
from monitoring.resources.thresholds import Finding, limits

Reading = Iterable[tuple[tuple[str, ...], float]]
_last: tuple[Sample, tuple[Finding, ...]] | None = None


def show(sample: Sample, found: Sequence[Finding]) -> None:
    """What the next scrapes tell; kept as one pair, so that they never mix two samples."""
    global _last
    _last = sample, tuple(found)


def _fresh() -> tuple[Sample, tuple[Finding, ...]] | None:
    if _last is None or time.time() - _last[0].at > policy.RESOURCE_SAMPLE_MAX_AGE.total_seconds():
        return None
    return _last


def _host(name: str, documentation: str, value: Callable[[Sample], float]) -> None:
    def read() -> Reading:
        if last := _fresh():
            yield (), value(last[0])

    figure("host", name, documentation, [], read)


def _disk(name: str, documentation: str, attribute: str) -> None:
    def read() -> Reading:
        for disk in last[0].disks if (last := _fresh()) else ():
            yield (disk.name,), float(getattr(disk, attribute))

    figure("host", name, documentation, ["disk"], read)


def _process(name: str, documentation: str, value: Callable[[Process], float]) -> None:
    def read() -> Reading:
        for process in last[0].processes if (last := _fresh()) else ():
            yield (process.name,), value(process)

    figure("host", name, documentation, ["process"], read)


def _thresholds() -> Reading:
    for kind, limit in limits().items():
        yield (kind.value,), limit


def _crossed() -> Reading:
    if last := _fresh():
        now = {finding.kind for finding in last[1]}
        for kind in Kind:
            yield (kind.value,), float(kind in now)


_host("host_sampled_timestamp_seconds", "When the host was sampled last.", lambda s: s.at)
_host("host_cpu_percent", "CPU used since the sample before.", lambda s: s.cpu_percent)
_host("host_cpus", "Processors that the host has.", lambda s: s.cpu_count)
_host("host_load_1m", "Load average of one minute.", lambda s: s.load_1m)
_host("host_memory_percent", "Memory that is not available.", lambda s: s.memory_percent)
_host("host_memory_total_bytes", "Memory of the host.", lambda s: s.memory_total_bytes)
_host(
    "host_memory_available_bytes",
    "Memory that programs can still have.",
    lambda s: s.memory_available_bytes,
)
_host("host_swap_percent", "Swap in use.", lambda s: s.swap_percent)
_host(
    "host_disk_read_bytes_per_second",
    "Read from all disks since the sample before.",
    lambda s: s.read_bytes_per_second,
)
_host(
    "host_disk_written_bytes_per_second",
    "Written to all disks since the sample before.",
    lambda s: s.written_bytes_per_second,
)
_host("host_network_sent_mbits", "Sent, in Mbit/s, without loopback.", lambda s: s.sent_mbits)
_host(
    "host_network_received_mbits",
    "Received, in Mbit/s, without loopback.",
    lambda s: s.received_mbits,
)
_disk("host_disk_percent", "Space in use of a file system.", "percent")
_disk("host_disk_total_bytes", "Size of a file system.", "total_bytes")
_disk("host_disk_free_bytes", "Space left on a file system.", "free_bytes")
_process("host_process_up", "1 while a process of ours runs.", lambda p: float(p.runs))
_process("host_process_cpu_percent", "CPU that it used, 100 a core.", lambda p: p.cpu_percent)
_process("host_process_memory_bytes", "Memory resident.", lambda p: p.memory_bytes)
_process("host_process_threads", "Threads.", lambda p: p.threads)
_process("host_process_connections", "Open network connections.", lambda p: p.connections)
figure("host", "host_threshold", "The configured threshold.", ["kind"], _thresholds)
figure("host", "host_threshold_crossed", "1 while past its threshold.", ["kind"], _crossed)

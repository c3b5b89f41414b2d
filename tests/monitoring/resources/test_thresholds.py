"""What is past its threshold: each number is configurable."""

import time

import pytest

from monitoring.resources.models import Kind, Severity
from monitoring.resources.sampling import Disk, Process, Sample
from monitoring.resources.thresholds import findings

BOT = Process("bot", "sleeping", 1.0, 1, 1, 1)


def sample(**more):
    calm = {
        "at": time.time(),
        "cpu_percent": 80.0,
        "cpu_count": 2,
        "load_1m": 1.0,
        "memory_percent": 85.0,
        "memory_total_bytes": 2,
        "memory_available_bytes": 1,
        "swap_percent": 0.0,
        "disks": (Disk("root", 90.0, 100, 10),),
        "read_bytes_per_second": 0.0,
        "written_bytes_per_second": 0.0,
        "sent_mbits": 100.0,
        "received_mbits": 100.0,
        "processes": (BOT,),
    }
    return Sample(**calm | more)


def test_at_the_threshold_all_is_well():
    assert findings(sample()) == []


@pytest.mark.parametrize(
    ("more", "kind", "severity", "message"),
    [
        ({"cpu_percent": 80.1}, Kind.CPU, Severity.WARNING, "CPU usage is high: 80.1 %"),
        ({"memory_percent": 93.0}, Kind.MEMORY, Severity.WARNING, "Memory usage is high: 93.0 %"),
        (
            {"disks": (Disk("root", 20, 1, 1), Disk("data", 97.25, 1, 1))},
            Kind.DISK,
            Severity.CRITICAL,
            "Disk usage is high: 97.2 % (data)",
        ),
        (
            {"received_mbits": 140.0},
            Kind.NETWORK,
            Severity.WARNING,
            "Network traffic is high: 140.0 Mbit/s",
        ),
        ({"processes": ()}, Kind.PROCESS, Severity.CRITICAL, "Discord bot process not found"),
        (
            {"processes": (Process("bot", "stopped", 0, 1, 1, 0),)},
            Kind.PROCESS,
            Severity.CRITICAL,
            "Discord bot process status: stopped",
        ),
    ],
)
def test_past_it(more, kind, severity, message):
    (found,) = findings(sample(**more))
    assert (found.kind, found.severity, found.message) == (kind, severity, message)


def test_thresholds_are_settings(settings):
    settings.RESOURCE_CPU_PERCENT = 50
    settings.RESOURCE_WATCH_BOT = False
    (found,) = findings(sample(processes=()))
    assert (found.kind, found.threshold) == (Kind.CPU, 50)


@pytest.mark.parametrize("way", ["sent_mbits", "received_mbits"])
def test_the_network_is_busy_either_way(settings, way):
    settings.RESOURCE_NETWORK_MBITS = 100
    [found] = findings(sample(**{way: 150.0}))
    assert (found.kind, found.value) == (Kind.NETWORK, 150.0)

"""What stays past its threshold counts; a peak does not."""

import pytest

from monitoring.resources import watching
from monitoring.resources.models import Kind, Severity
from monitoring.resources.thresholds import Finding

CPU = Finding(Kind.CPU, Severity.WARNING, "CPU usage is high: 91.0 %", 91.0, 80.0)
DISK = Finding(Kind.DISK, Severity.CRITICAL, "Disk usage is high: 97.0 % (root)", 97.0, 90.0)


@pytest.fixture(autouse=True)
def from_the_start(monkeypatch):
    monkeypatch.setattr(watching, "_held", watching.Counter())


def test_the_third_sample_in_a_row_counts():
    assert [watching._lasting([CPU]) for _ in range(4)] == [[], [], [CPU], [CPU]]


def test_a_good_sample_begins_anew():
    for found in ([CPU], [CPU], [], [CPU], [CPU]):
        assert watching._lasting(found) == []
    assert watching._lasting([CPU]) == [CPU]


def test_each_kind_is_counted_for_itself():
    watching._lasting([CPU])
    watching._lasting([CPU, DISK])
    assert watching._lasting([CPU, DISK]) == [CPU]
    assert watching._lasting([DISK]) == [DISK]

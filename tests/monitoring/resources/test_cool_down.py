"""The same kind and severity is written down once in five minutes, whoever tries."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from monitoring.alerts.models import Raised
from monitoring.resources import crossings
from monitoring.resources.models import CoolDown, Crossing, Kind, Severity
from monitoring.resources.thresholds import Finding

CPU = Finding(Kind.CPU, Severity.WARNING, "CPU usage is high: 91.0 %", 91.0, 80.0)
DISK = Finding(Kind.DISK, Severity.CRITICAL, "Disk usage is high: 97.0 % (root)", 97.0, 90.0)


def test_it_works(db):
    crossing = crossings.record(CPU)
    assert (crossing.kind, crossing.value, crossing.threshold) == ("cpu", 91.0, 80.0)
    assert list(Crossing.objects.all()) == [crossing]


def test_again_within_five_minutes_is_quiet(db):
    """All of it stands in the database: a restart changes nothing."""
    crossings.record(CPU)
    with time_machine.travel(timezone.now() + timedelta(minutes=4, seconds=59), tick=False):
        assert crossings.record(CPU) is None
    assert Crossing.objects.count() == 1


def test_after_five_minutes_it_is_told_again(db):
    crossings.record(CPU)
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1), tick=False):
        assert crossings.record(CPU) is not None
        assert crossings.record(CPU) is None


def test_another_kind_or_severity_has_a_cool_down_of_its_own(db):
    assert crossings.record(CPU)
    assert crossings.record(DISK)
    worse = Finding(Kind.CPU, Severity.CRITICAL, "…", 99.0, 80.0)
    assert crossings.record(worse)


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_time_write_one():
    barrier, found = threading.Barrier(4), []

    def one():
        barrier.wait()
        found.append(crossings.record(CPU))
        connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([crossing for crossing in found if crossing]) == 1
    assert Crossing.objects.count() == 1


def test_the_database_holds_one_cool_down_a_kind(db):
    CoolDown.objects.create(kind="cpu", severity="warning", quiet_until=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        CoolDown.objects.create(kind="cpu", severity="warning", quiet_until=timezone.now())


def test_it_is_told_by_an_alert(db):
    crossing = crossings.record(CPU)
    raised = Raised.objects.get()
    assert raised.labels == {
        "alertname": "HighResourceUsage",
        "severity": "warning",
        "service": "infrastructure",
        "resource": "cpu",
    }
    assert raised.annotations["summary"] == "CPU usage is high: 91.0 %"
    assert raised.until - crossing.at >= timedelta(minutes=6)
    assert crossing.handed_over_at == crossing.at


def test_the_next_crossing_prolongs_the_alert(db):
    crossings.record(CPU)
    before = Raised.objects.get().until
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1), tick=False):
        crossings.record(CPU)
    assert Raised.objects.get().until > before


def test_a_missing_bot_is_told_by_another_alert(db):
    bot = Finding(Kind.PROCESS, Severity.CRITICAL, "Discord bot process not found", 0, 1)
    assert crossings.record(bot).handed_over_at is None
    assert not Raised.objects.exists()


def test_old_ones_are_cleaned_up(db):
    from monitoring.resources.cleanup_steps import old_crossings

    with time_machine.travel(timezone.now() - timedelta(days=91)):
        crossings.record(CPU)
    crossings.record(DISK)
    assert old_crossings() == 1
    assert Crossing.objects.get().kind == "disk"

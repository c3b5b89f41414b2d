"""A sample of the real host, and our processes found among all others."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from monitoring.metrics.collectors import FigureCollector
from monitoring.resources import metrics
from monitoring.resources.sampling import BOT, PROCESSES, Sampler

# Looks like the bot to who reads command lines, and only sleeps.
BOT_LIKE = ["-c", "import time; time.sleep(60)", "manage.py", "runbot"]


@pytest.fixture
def bot_process(settings):
    """A process with the bot's command line, in this stack's data folder or in another."""
    running = []

    def start(folder=None):
        env = os.environ | {"GROWMIES_DATA_DIR": str(folder or settings.DATA_DIR)}
        running.append(subprocess.Popen([sys.executable, *BOT_LIKE], env=env))
        time.sleep(0.3)
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()


def until_it_is(status, process):
    ends = time.monotonic() + 10
    while psutil.Process(process.pid).status() != status:
        assert time.monotonic() < ends
        time.sleep(0.01)


def test_it_works():
    sample = Sampler().take()
    assert 0 <= sample.cpu_percent <= 100
    assert 0 < sample.memory_percent < 100
    assert 0 < sample.memory_available_bytes < sample.memory_total_bytes
    assert {disk.name for disk in sample.disks} == {"root", "data"}
    assert all(0 < disk.percent <= 100 for disk in sample.disks)
    assert sample.sent_mbits >= 0
    assert {process.name for process in sample.processes} <= set(PROCESSES)


def test_rates_are_of_the_time_between_two_samples(tmp_path):
    sampler = Sampler()
    deadline = time.monotonic() + 0.5
    while time.monotonic() < deadline:  # keep one core busy
        pass
    assert sampler.take().cpu_percent > 10


def test_the_bot_is_found(bot_process):
    bot_process()
    (bot,) = [process for process in Sampler().take().processes if process.name == BOT]
    assert bot.runs
    assert bot.memory_bytes > 1_000_000
    assert bot.threads >= 1


def test_a_stopped_bot_does_not_run(bot_process):
    process = bot_process()
    process.send_signal(signal.SIGSTOP)
    until_it_is(psutil.STATUS_STOPPED, process)
    (bot,) = [process for process in Sampler().take().processes if process.name == BOT]
    assert not bot.runs


def test_a_dead_bot_is_not_found(bot_process):
    process = bot_process()
    process.kill()
    until_it_is(psutil.STATUS_ZOMBIE, process)  # until it is waited for
    assert BOT not in {process.name for process in Sampler().take().processes}


def test_the_bot_of_another_stack_is_not_ours(bot_process, tmp_path):
    bot_process(tmp_path)
    assert BOT not in {process.name for process in Sampler().take().processes}


def test_the_worker_exports_the_last_sample(monkeypatch):
    monkeypatch.setattr(metrics, "_last", None)
    before = {f.name: f.samples for f in FigureCollector("host").collect()}
    assert before["host_cpu_percent"] == [], "nobody has looked yet: absent, not 0"
    assert {s.labels["kind"]: s.value for s in before["host_threshold"]} == {
        "cpu": 80.0,
        "memory": 85.0,
        "disk": 90.0,
        "network": 100.0,
        "process": 1.0,
    }
    sample = Sampler().take()
    metrics.show(sample, [])
    after = {f.name: f.samples for f in FigureCollector("host").collect()}
    assert after["host_memory_percent"][0].value == sample.memory_percent
    assert {s.labels["kind"] for s in after["host_threshold_crossed"]} == {
        "cpu",
        "memory",
        "disk",
        "network",
        "process",
    }

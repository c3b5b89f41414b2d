"""The worker's exporter: a real worker, whose pool counts in files and loses a process."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import psutil
import pytest
from celery import Celery
from django.conf import settings
from django.db import connection
from prometheus_client.parser import text_string_to_metric_families

from growmies_admin.stack.layout import REPOSITORY
from tests.monitoring.metrics.checking import promtool
from tests.running import eventually

SEAL, PURGE = "monitoring.audit_chain.tasks.seal", "monitoring.uptime.tasks.ask_discord"
SECONDS = 60


class Worker:
    def __init__(self, process, url, broker):
        self.process, self.url = process, url
        self.app = Celery(broker=broker)

    def metrics(self):
        try:
            with urllib.request.urlopen(f"{self.url}/metrics", timeout=10) as answer:
                return answer.read().decode()
        except OSError:
            assert self.process.poll() is None, "the worker ended"
            return ""

    def value(self, name, **labels):
        for family in text_string_to_metric_families(self.metrics()):
            for sample in family.samples:
                if sample.name == name and labels.items() <= sample.labels.items():
                    return sample.value
        return None

    def pool(self):
        return psutil.Process(self.process.pid).children()

    def run(self, task, times=1):
        for _ in range(times):
            self.app.send_task(task, queue="default")

    def succeeded(self, task):
        return self.value("celery_tasks_total", task=task, state="succeeded") or 0


@pytest.fixture
def worker(transactional_db, tmp_path):
    facts = connection.settings_dict
    address = f"{facts['USER']}:{facts['PASSWORD']}@{facts['HOST']}:{facts['PORT']}"
    broker = settings.REDIS_URL.rsplit("/", 1)[0] + "/9"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = os.environ | {
        "DATABASE_URL": f"postgresql://{address}/{facts['NAME']}",
        "REDIS_URL": broker,
        "WORKER_METRICS_PORT": str(port),
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "files"),
        "GROWMIES_DATA_DIR": str(tmp_path),
        "LOG_LEVEL": "WARNING",
    }
    (tmp_path / "files").mkdir()
    command = [sys.executable, "-m", "celery", "-A", "growmies_admin", "worker", "-c", "2"]
    command += ["-Q", "default", "--without-gossip", "--without-mingle"]
    process = subprocess.Popen(command, env=env, cwd=REPOSITORY)
    made = Worker(process, f"http://127.0.0.1:{port}", broker)
    try:
        eventually(lambda: made.value("celery_pool_processes") == 2, within_seconds=SECONDS)
        yield made
    finally:
        process.terminate()
        process.wait(20)


def test_counts_add_up_and_the_dead_leave_nothing(worker, tmp_path):
    """One start for all of it: a worker takes seconds to come up."""
    assert worker.succeeded(SEAL) == 0, "every task starts at 0"
    worker.run(SEAL, times=20)
    eventually(lambda: worker.succeeded(SEAL) == 20, within_seconds=SECONDS)
    assert worker.value("celery_task_duration_seconds_count", task=SEAL) == 20
    last = worker.value("celery_task_last_success_timestamp_seconds", task=SEAL)
    assert time.time() - last < SECONDS

    victim = worker.pool()[0].pid
    live = tmp_path / "files" / f"gauge_livesum_{victim}.db"
    assert live.exists()
    os.kill(victim, signal.SIGKILL)
    eventually(
        lambda: len(worker.pool()) == 2 and victim not in {p.pid for p in worker.pool()},
        within_seconds=SECONDS,
    )
    eventually(lambda: worker.value("celery_pool_processes") == 2, within_seconds=SECONDS)
    assert not live.exists(), "what the dead one said of now is gone"
    assert worker.succeeded(SEAL) == 20, "and what it counted is not"
    assert worker.value("celery_task_last_success_timestamp_seconds", task=SEAL) == last

    worker.run(SEAL, times=5)
    eventually(lambda: worker.succeeded(SEAL) == 25, within_seconds=SECONDS)
    worker.app.send_task(SEAL, queue="alerts")  # a queue that this worker does not take from
    eventually(lambda: worker.value("celery_queue_length", queue="alerts") == 1, within_seconds=20)
    assert worker.value("celery_queue_length", queue="default") == 0

    eventually(lambda: worker.value("host_cpu_percent") is not None, within_seconds=SECONDS)
    text = worker.metrics()
    assert promtool(text) == (0, "")
    for name in ("age_verification_overdue", "host_threshold", "celery_tasks_unacknowledged"):
        assert f"\n{name}" in text
    assert worker.value("host_process_up", process="worker") == 1
    worker.app.control.purge()

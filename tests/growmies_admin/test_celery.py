"""The worker's pool processes, and what a killed worker held."""

import os
import signal
import subprocess
import sys
import threading
import time
import uuid

import psutil
from celery import Celery
from django.conf import settings
from django.db import connection
from redis import Redis

from growmies_admin.celery import own_connections
from tests.running import eventually, free_port_base


def test_a_pool_process_starts_while_a_thread_of_its_parent_uses_the_database(transactional_db):
    """A lock that is held at the fork is held in the child for ever."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    held, forked = threading.Event(), threading.Event()

    def use_the_pool():
        with lock:
            held.set()
            forked.wait(20)

    lock = connection.pool._lock
    thread = threading.Thread(target=use_the_pool)
    thread.start()
    held.wait(20)
    try:
        child = os.fork()
        if child == 0:
            try:
                own_connections()
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1")
                os._exit(0)
            except BaseException:
                os._exit(1)
    finally:
        forked.set()
    thread.join()
    ended = []
    try:
        eventually(
            lambda: (found := os.waitpid(child, os.WNOHANG))[0] and not ended.append(found[1]),
            within_seconds=20,
        )
    finally:
        if not ended:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    assert ended == [0]


# Our app with two seconds instead of ten minutes. The first delivery never ends by itself.
_OF_THE_TEST = """
import os, time
from growmies_admin.celery import app
app.conf.broker_url = os.environ["BROKER_OF_THE_TEST"]
app.conf.broker_transport_options = app.conf.broker_transport_options | {
    "visibility_timeout": 2, "unacked_restore_throttle": 1,
}

@app.task(name="in_hand")
def in_hand(path):
    with open(path, "a") as told:
        told.write("delivered\\n")
    if open(path).read().count("delivered") == 1:
        time.sleep(600)
"""


def test_what_a_killed_worker_held_is_delivered_after_the_visibility_time_out(tmp_path):
    broker = settings.REDIS_URL.rsplit("/", 1)[0] + "/9"
    valkey, queue = Redis.from_url(broker), f"test-{uuid.uuid4().hex}"
    told = tmp_path / "told"
    told.touch()
    (tmp_path / "app_of_the_test.py").write_text(_OF_THE_TEST)
    environment = os.environ | {
        "BROKER_OF_THE_TEST": broker,
        "PYTHONPATH": f"{tmp_path}:{settings.BASE_DIR}",
        "WORKER_METRICS_PORT": str(free_port_base()),
    }
    command = [sys.executable, "-m", "celery", "-A", "app_of_the_test", "worker", "-c", "1"]
    command += ["-Q", queue, "--without-gossip", "--without-mingle", "--loglevel", "ERROR"]

    def delivered():
        return told.read_text().count("delivered")

    def kill(worker):
        for process in [worker, *psutil.Process(worker.pid).children()]:
            process.kill()
        worker.wait()

    workers = [subprocess.Popen(command, env=environment)]
    try:
        with Celery(broker=broker, set_as_current=False) as sender:
            sender.send_task("in_hand", args=[str(told)], queue=queue)
        eventually(lambda: delivered() == 1, within_seconds=60)
        kill(workers.pop())
        assert (valkey.llen(queue), valkey.hlen("unacked")) == (0, 1)
        time.sleep(2.1)
        workers.append(subprocess.Popen(command, env=environment))
        eventually(lambda: delivered() == 2, within_seconds=60)
        eventually(lambda: valkey.hlen("unacked") == 0, within_seconds=60)
        assert valkey.llen(queue) == 0
    finally:
        for worker in workers:
            kill(worker)
        valkey.flushdb()

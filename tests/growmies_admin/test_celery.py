"""The worker's pool processes."""

import os
import signal
import threading

from django.db import connection

from growmies_admin.celery import own_connections
from tests.running import eventually


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

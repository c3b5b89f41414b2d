"""The site served by a process of its own, for benchmarks."""

import contextlib
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from growmies_admin.stack.layout import REPOSITORY
from tests.bench.ports import free_port
from tests.running import eventually


class Address:
    """One server, asked over a connection that stays open, as probes do."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def ask(self) -> dict[str, Any]:
        self._connection.request("GET", "/health")
        found: dict[str, Any] = json.loads(self._connection.getresponse().read())
        return found

    def seconds(self) -> float:
        began = time.perf_counter()
        self.ask()
        return time.perf_counter() - began


@contextlib.contextmanager
def served(application: str, **env: str) -> Iterator[Address]:
    """An ASGI application under uvicorn, started as ./dev starts the web."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", application, "--port", str(port), "--lifespan"]
    command += ["off", "--no-access-log", "--log-level", "warning", "--no-server-header"]
    process = subprocess.Popen(command, env=os.environ | env, cwd=REPOSITORY)

    def answers() -> bool:
        with contextlib.suppress(OSError):
            Address(port).ask()
            return True
        return False

    try:
        eventually(answers, within_seconds=60)
        yield Address(port)
    finally:
        process.kill()
        process.wait()

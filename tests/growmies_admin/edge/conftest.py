"""A real web process, uvicorn as `./dev up` starts it, and the limit of bodies by itself."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from growmies_admin.stack import processes
from growmies_admin.stack.layout import REPOSITORY, Layout
from tests.growmies_admin.edge.open_bodies import Edge
from tests.running import eventually, free_port_base


@dataclass
class Web:
    """The process, where it answers, and what it has logged."""

    port: int
    process: subprocess.Popen
    log: Path

    def connect(self, timeout=30):
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def raw(self, *parts, pause=0.0, timeout=30):
        """Send these bytes and return everything that comes back until the end."""
        with self.connect(timeout) as sock:
            for part in parts:
                sock.sendall(part)
                time.sleep(pause)
            return received(sock)

    def ask(self, line, *headers, body=b""):
        """Status and text of one request; `line` is such as `GET /live`."""
        head = [f"{line} HTTP/1.1", "Host: localhost", "Connection: close", *headers]
        answer = self.raw("\r\n".join([*head, "", ""]).encode() + body)
        return status_of(answer), answer.partition(b"\r\n\r\n")[2].decode()


def received(sock):
    """Everything until the server ends the connection."""
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := sock.recv(65536):
            parts.append(part)
    return b"".join(parts)


def one_answer(sock):
    """One answer with its body, on a connection that stays open."""
    parts = b""
    while b"\r\n\r\n" not in parts:
        part = sock.recv(65536)
        if not part:
            return parts
        parts += part
    head, _, body = parts.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += sock.recv(65536)
    return head + b"\r\n\r\n" + body


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer else 0


@contextlib.contextmanager
def running_web(folder, **variables):
    """The web process with further variables; its database has no tables."""
    layout = Layout(folder, free_port_base(), dict(os.environ))
    command = next(process.command for process in processes.all_of(layout) if process.name == "web")
    place = command.index("uvicorn")
    command = [sys.executable, "-m", "tests.growmies_admin.edge.hurried", *command[place + 1 :]]
    log = folder / "web.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=os.environ | {"GROWMIES_DATA_DIR": str(folder), "LOG_LEVEL": "INFO"} | variables,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    running = Web(layout.port("web"), process, log)

    def answers():
        assert process.poll() is None, log.read_text()
        with contextlib.suppress(OSError):
            return running.ask("GET /live")[0] == 200
        return False

    try:
        eventually(answers, within_seconds=60)
        yield running
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def web(tmp_path_factory):
    """One for all tests that need nothing further."""
    with running_web(tmp_path_factory.mktemp("web")) as running:
        yield running


@pytest.fixture
async def edge(settings):
    settings.ALERT_WEBHOOK_TOKEN = "a token of Alertmanager"
    found = Edge()
    yield found
    found.end()

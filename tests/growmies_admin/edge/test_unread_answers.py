"""An answer is read, or its connection ends (real uvicorn, a sixtieth of its patience)."""

import socket
import threading
import time

import pytest
import uvicorn

from growmies_admin.edge import connections
from tests.growmies_admin.edge.conftest import received
from tests.running import eventually

LARGE = 16 * 1024**2  # more than the kernel takes for who doesn't read
ASK = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def application(scope, receive, send):
    await send({"type": "http.response.start", "status": 200})
    for _ in range(LARGE // 65536):
        await send({"type": "http.response.body", "body": bytes(65536), "more_body": True})
    await send({"type": "http.response.body"})


@pytest.fixture
def port(monkeypatch):
    monkeypatch.setattr(connections, "_UNREAD_SECONDS", 0.5)
    config = uvicorn.Config(
        application, port=0, http=connections.Connection, ws="none", lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    eventually(lambda: server.started, within_seconds=20)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = server.force_exit = True
    thread.join()


def asked(port):
    sock = socket.socket()
    sock.settimeout(30)
    sock.connect(("127.0.0.1", port))
    sock.sendall(ASK)
    return sock


def test_a_slow_reader_gets_all_of_it(port):
    taken = 0
    with asked(port) as sock:
        for _ in range(10):
            time.sleep(0.2)
            taken += len(sock.recv(1024**2))
        sock.settimeout(5)
        while taken < LARGE:
            taken += len(sock.recv(1024**2))
    assert taken >= LARGE


def test_an_answer_that_nobody_reads_ends(port):
    with asked(port) as sock:
        time.sleep(2)
        assert len(received(sock)) < LARGE

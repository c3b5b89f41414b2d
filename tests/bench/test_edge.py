"""What strangers can take from the web process: memory by bodies, time by headers."""

import contextlib
import http.client
import os
import socket
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from growmies_admin.stack import processes
from growmies_admin.stack.layout import REPOSITORY, Layout
from tests.bench.conftest import SMALL, sized
from tests.growmies_admin.edge.calls import LINK
from tests.running import eventually, free_port_base

MEGABYTE = 1024**2
SENDERS, BODY_BYTES, WATCHED_SECONDS = sized(16, 2), 23 * MEGABYTE, sized(8, 1)
SLOW, ASKED, ROUNDS = sized(200, 10), sized(500, 20), sized(4, 1)
SIGN_IN_LIMIT, UPLOAD_LIMIT, LATENCY_LIMIT = 0.1, 0.3, 2


class Web:
    """A web process, started as ./dev starts it."""

    def __init__(self, port: int, pid: int) -> None:
        self.port = port
        self._process = psutil.Process(pid)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def resident_bytes(self) -> int:
        found: int = self._process.memory_info().rss
        return found

    def latencies(self) -> list[float]:
        """Seconds of /live over a connection that stays open, as probes ask."""
        found = []
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        for _ in range(ASKED):
            began = time.perf_counter()
            connection.request("GET", "/live")
            connection.getresponse().read()
            found.append(time.perf_counter() - began)
        connection.close()
        return found


@contextlib.contextmanager
def web(folder: Path) -> Iterator[Web]:
    layout = Layout(folder, free_port_base(), dict(os.environ))
    command = next(one.command for one in processes.all_of(layout) if one.name == "web")
    process = subprocess.Popen(command, cwd=REPOSITORY, env=os.environ)
    running = Web(layout.port("web"), process.pid)

    def answers() -> bool:
        with contextlib.suppress(OSError):
            running.connect().close()
            return True
        return False

    try:
        eventually(answers, within_seconds=60)
        running.latencies()
        yield running
    finally:
        process.kill()
        process.wait()


def growth_of(running: Web, path: str) -> int:
    """Peak growth while 16 clients at once send 23 MB, all but the last byte, and stay."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {BODY_BYTES}\r\n\r\n"
    socks = [running.connect() for _ in range(SENDERS)]
    done = threading.Event()
    before = peak = running.resident_bytes()

    def send(sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            sock.sendall(head.encode())
            for _ in range(BODY_BYTES // MEGABYTE - 1):
                sock.sendall(bytes(MEGABYTE))
            sock.sendall(bytes(MEGABYTE - 1))
        done.wait(30)
        sock.close()

    threads = [threading.Thread(target=send, args=(sock,)) for sock in socks]
    for thread in threads:
        thread.start()
    until = time.monotonic() + WATCHED_SECONDS
    while time.monotonic() < until:
        peak = max(peak, running.resident_bytes())
        time.sleep(0.02)
    done.set()
    for thread in threads:
        thread.join()
    return peak - before


@contextlib.contextmanager
def slow_headers(running: Web) -> Iterator[None]:
    """200 connections that send a header by the byte, and come again when they are ended."""
    ended = threading.Event()

    def dribble() -> None:
        socks: list[socket.socket | None] = [None] * SLOW
        while not ended.wait(0.2):
            for place, sock in enumerate(socks):
                try:
                    if sock is None:
                        sock = socks[place] = running.connect()
                        sock.sendall(b"GET /live HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
                    sock.sendall(b"a")
                except OSError:
                    socks[place] = None
        for sock in socks:
            if sock is not None:
                sock.close()

    thread = threading.Thread(target=dribble)
    thread.start()
    time.sleep(1)
    try:
        yield
    finally:
        ended.set()
        thread.join()


def p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[98]


def test_unfinished_bodies(tmp_path: Path, say: Callable[..., None]) -> None:
    ratios = {}
    for path in ("/accounts/login/", LINK):
        with web(tmp_path) as running:
            growth = growth_of(running, path)
        ratios[path] = growth / (SENDERS * BODY_BYTES)
        goal, where = (UPLOAD_LIMIT, "to a link") if path == LINK else (SIGN_IN_LIMIT, f"to {path}")
        say(
            f"memory of 16 unfinished 23 MB POSTs {where}",
            ratios[path],
            f"{goal} at most",
            f"{growth / MEGABYTE:.0f} MB of the {SENDERS * BODY_BYTES / MEGABYTE:.0f} MB sent",
        )
    assert SMALL or ratios["/accounts/login/"] <= SIGN_IN_LIMIT
    assert SMALL or ratios[LINK] <= UPLOAD_LIMIT


def test_slow_headers(tmp_path: Path, say: Callable[..., None]) -> None:
    idle: list[float] = []
    flooded: list[float] = []
    with web(tmp_path) as running:
        for _ in range(ROUNDS):
            idle += running.latencies()
            with slow_headers(running):
                flooded += running.latencies()
    ratio = p99(flooded) / p99(idle)
    say(
        "p99 of /live under 200 slow headers against idle",
        ratio,
        f"{LATENCY_LIMIT} at most",
        f"{p99(flooded) * 1000:.1f} ms and {p99(idle) * 1000:.1f} ms by the clock",
    )
    assert SMALL or ratio <= LATENCY_LIMIT

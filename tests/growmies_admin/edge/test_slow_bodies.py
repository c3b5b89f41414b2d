"""A body comes along at 8 kB/s, or it is 408 (real uvicorn, a tenth of its patience)."""

import contextlib
import time

import pytest

from tests.growmies_admin.edge.calls import LINK
from tests.growmies_admin.edge.conftest import one_answer, received, status_of


def post(path, length, *more):
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {length}", *more]
    return "\r\n".join([*lines, "", ""]).encode()


def send_at(sock, bytes_per_second, seconds):
    """Whether the server let all of it in."""
    for _ in range(int(seconds * 10)):
        try:
            sock.sendall(bytes(bytes_per_second // 10))
        except OSError:
            return False
        time.sleep(0.1)
    return True


def test_it_works(web):
    """A phone link of 9 kB/s, for three times as long as nothing may come."""
    with web.connect() as sock:
        sock.sendall(post("/api/alerts/", 27_000, "Connection: close"))
        assert send_at(sock, 9_000, 3)
        assert status_of(received(sock)) == 401  # whole; it has no token


@pytest.mark.parametrize("path", [LINK, "/accounts/login/", "/api/alerts/"])
@pytest.mark.parametrize("length", [5_000, 900_000])
def test_nothing_more_comes(web, path, length):
    with web.connect() as sock:
        sock.sendall(post(path, length) + b"begin")
        answer = received(sock)
    assert status_of(answer) == 408
    assert b"retry-after: 30" in answer
    assert b"This came in too slowly; nothing was kept." in answer


def test_much_at_first_earns_no_long_silence(web):
    with web.connect() as sock:
        sock.sendall(post(LINK, 4_000_000) + bytes(3_000_000))
        began = time.monotonic()
        assert status_of(received(sock)) == 408
        assert time.monotonic() - began < 15


def test_below_the_pace(web):
    with web.connect() as sock:
        sock.sendall(post("/verify/x/", 100_000))
        send_at(sock, 3_000, 4)
        assert status_of(received(sock)) == 408


@pytest.mark.parametrize("line", ["GET /live", "HEAD /up", "DELETE /verify/x/"])
def test_a_body_that_nobody_waits_for_is_not_waited_for_long(web, line):
    with web.connect() as sock:
        sock.sendall(post("/", 1_000_000).replace(b"POST / ", f"{line} ".encode()))
        began = time.monotonic()
        sock.settimeout(1)
        with contextlib.suppress(OSError):
            while time.monotonic() - began < 20:
                sock.sendall(b"a")
                with contextlib.suppress(TimeoutError):
                    if not sock.recv(65536):
                        break
        assert time.monotonic() - began < 15


@pytest.mark.parametrize("length", [3_000_000, 60_000_000])
def test_who_sends_too_much_reads_why(web, length):
    """The whole of it, though nobody wants it: the answer arrives, not a broken connection."""
    with web.connect() as sock:
        sock.sendall(post("/accounts/login/", length, "Connection: close"))
        with contextlib.suppress(OSError):
            sock.sendall(bytes(min(length, 3_000_000)))
        answer = one_answer(sock)
    assert status_of(answer) == 413
    assert b"That is more than 1 MB in all; nothing was kept." in answer


def test_a_refused_body_does_not_cost_the_connection(web):
    with web.connect() as sock:
        sock.sendall(post("/accounts/login/", 3_000_000) + bytes(3_000_000))
        assert status_of(one_answer(sock)) == 413
        sock.sendall(b"GET /live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert status_of(received(sock)) == 200

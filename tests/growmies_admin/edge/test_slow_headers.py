"""A connection says what it wants soon, or it ends (real uvicorn, a tenth of its patience)."""

import contextlib
import time

import pytest

from tests.growmies_admin.edge.conftest import one_answer, received, status_of

HALF = b"GET /live HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
WHOLE = b"GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n"


def test_it_works(web):
    answer = web.raw(HALF, b"but whole\r\nConnection: close\r\n\r\n", pause=0.3)
    assert status_of(answer) == 200


def test_half_a_header_is_408(web):
    began = time.monotonic()
    answer = web.raw(HALF)
    assert status_of(answer) == 408
    assert b"connection: close" in answer
    assert b"retry-after: 30\r\n" in answer
    assert time.monotonic() - began < 15


def test_a_header_that_dribbles_is_408(web):
    with web.connect() as sock:
        sock.sendall(HALF)
        with contextlib.suppress(OSError):
            for _ in range(40):
                sock.sendall(b"a")
                time.sleep(0.1)
        assert status_of(received(sock)) in (408, 0)  # the rest may have met a closed door


def test_silence_is_closed_without_a_word(web):
    assert web.raw() == b""


def test_the_next_request_of_a_connection_has_no_longer(web):
    with web.connect() as sock:
        sock.sendall(WHOLE)
        assert status_of(one_answer(sock)) == 200
        sock.sendall(HALF)
        assert status_of(received(sock)) == 408


def test_a_second_request_on_a_connection(web):
    with web.connect() as sock:
        for _ in range(3):
            sock.sendall(WHOLE)
            assert status_of(one_answer(sock)) == 200
            time.sleep(0.3)


def test_two_requests_in_one_piece(web):
    assert web.raw(WHOLE + WHOLE).count(b"HTTP/1.1 200") == 2


def test_many_requests_in_a_row_end_the_connection(web):
    """uvicorn would keep each of them, some 75 bytes of memory for every byte that was sent."""
    answer = web.raw(WHOLE * 5000)
    assert answer.count(b"HTTP/1.1 200") < 100
    assert b"HTTP/1.1 400" in answer or answer == b""
    once = WHOLE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    assert status_of(web.raw(once)) == 200


def test_a_huge_header_is_refused(web):
    line = b"X-More: " + b"a" * 8000 + b"\r\n"
    answer = b""
    with web.connect() as sock:
        with contextlib.suppress(OSError):
            sock.sendall(b"GET /live HTTP/1.1\r\nHost: localhost\r\n")
            for _ in range(200):
                sock.sendall(line)
                time.sleep(0.002)
        answer = received(sock)
    assert status_of(answer) in (431, 0)


def test_newer_connections_end_the_oldest(web):
    """Twenty may wait here; the oldest hear of it before their clock runs out (408)."""
    with contextlib.ExitStack() as open_ones:
        socks = [open_ones.enter_context(web.connect()) for _ in range(40)]
        for sock in socks:
            sock.sendall(HALF)
        assert web.ask("GET /live")[0] == 200
        ended = [received(sock) for sock in socks[:20]]
    assert any(status_of(answer) in (503, 0) for answer in ended)
    assert all(b"retry-after: 30\r\n" in answer for answer in ended if answer)


@pytest.mark.parametrize("garbage", [b"\x16\x03\x01\x02\x00\x01\x00", b"FOO / HTTP/1.1\r\n\r\n"])
def test_no_http_is_400(web, garbage):
    assert status_of(web.raw(garbage)) == 400

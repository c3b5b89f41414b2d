"""Messages never go to ourselves or into a private network, unless that is allowed."""

import contextlib
import socket
import threading
import time
from datetime import timedelta
from email.utils import format_datetime
from ipaddress import ip_network

import httpx
import pytest
from django.utils import timezone

from monitoring import policy
from monitoring.delivery import answers, outside
from monitoring.delivery.outside import AddressRefused


@pytest.fixture(autouse=True)
def nothing_private(settings):
    settings.DELIVERY_PRIVATE_NETWORKS = ()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:0001::1",
        "fec0::2",
        "::ffff:0:10.0.0.1",
        "::10.0.0.1",
        "64:ff9b:1::a00:1",
        "192.0.0.192",
    ],
)
def test_private_addresses(address):
    assert not outside.is_allowed(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "162.159.128.233", "2606:4700::1111"])
def test_public_addresses(address):
    assert outside.is_allowed(address)


def test_what_is_allowed_all_the_same(settings):
    settings.DELIVERY_PRIVATE_NETWORKS = (ip_network("10.1.0.0/16"), ip_network("fc00::/7"))
    assert outside.is_allowed("10.1.2.3") and outside.is_allowed("fc00::5")
    assert outside.is_allowed("::ffff:10.1.2.3")
    assert not outside.is_allowed("10.2.0.1")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/"])
def test_a_client_does_not_connect(url):
    with pytest.raises(AddressRefused):
        outside.client().get(url)


def test_a_name_with_one_private_address_among_others(monkeypatch):
    def resolve(host, port, **_):
        stream = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*stream, ("1.1.1.1", port)), (*stream, ("10.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(AddressRefused):
        outside.client().get("http://both.example.org/")


def test_the_connection_goes_to_the_address_that_was_looked_at(monkeypatch, settings):
    """A name that leads elsewhere a moment later gains nothing."""
    asked = []

    def resolve(host, port, *_, **__):
        asked.append(host)
        address = "1.1.1.1" if asked.count("changes.example.org") == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    went = []

    def connect(address, *_, **__):
        went.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(httpx.ConnectError):
        outside.client().get("http://changes.example.org/")
    assert went == ["1.1.1.1"]


def test_a_name_without_an_address(monkeypatch):
    def resolve(*_, **__):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(httpx.ConnectError):
        outside.client().get("http://nowhere.example.org/")


def test_an_address_that_leads_nowhere_is_not_the_last(monkeypatch):
    went = []

    def resolve(host, port, *_, **__):
        stream = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*stream, ("1.1.1.1", port)), (*stream, ("8.8.8.8", port))]

    def connect(address, timeout, **_):
        went.append((address[0], round(timeout)))
        raise TimeoutError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(httpx.ConnectTimeout):
        outside.client().get("http://two.example.org/")
    assert went == [("1.1.1.1", 5), ("8.8.8.8", 5)]


@contextlib.contextmanager
def server(answer):
    """A server that writes what it is told to each connection, piece by piece."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError):
            there, _ = listening.accept()
            with there:
                there.recv(65_536)
                for piece in answer():
                    there.sendall(piece)

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    listening.close()


def trickle():
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    while True:
        time.sleep(0.1)
        yield b"."


def flood():
    yield b"HTTP/1.1 200 OK\r\n\r\n"
    while True:
        yield b"." * 65_536


def test_an_answer_that_trickles_ends_in_time(monkeypatch, settings):
    settings.DELIVERY_PRIVATE_NETWORKS = (ip_network("127.0.0.0/8"),)
    monkeypatch.setattr(policy, "DELIVERY_TIMEOUT", timedelta(seconds=1))
    began = time.monotonic()
    with server(trickle) as url, pytest.raises(httpx.ReadTimeout):
        outside.client().get(url)
    assert time.monotonic() - began < 3


def test_an_answer_without_an_end(settings):
    settings.DELIVERY_PRIVATE_NETWORKS = (ip_network("127.0.0.0/8"),)
    with server(flood) as url, pytest.raises(httpx.ReadError, match="too large"):
        outside.client().get(url)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("5", 5), ("0", 0), ("1.5", 1.5), ("", None), (None, None), ("soon", None), ("-1", None)],
)
def test_how_long_to_wait(header, seconds):
    assert answers.seconds(header) == seconds


def test_until_a_date():
    at = timezone.now() + timedelta(minutes=2)
    assert 118 < answers.seconds(format_datetime(at, usegmt=True)) <= 120
    assert answers.seconds("Wed, 21 Oct 2015 07:28:00 GMT") == 0

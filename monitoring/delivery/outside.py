"""HTTP to addresses that people have set: never to ourselves, and never into a private network.

Whoever may set an address could make a worker ask the servers beside it, such as the cloud's
metadata service. The address is looked at where the connection is opened, which is once for each
send and each redirect, and the connection goes to the address that was looked at: a name that
resolves to something else a moment later gains nothing. What is to be reached all the same stands
in DELIVERY_PRIVATE_NETWORKS.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx
from django.conf import settings

from monitoring import policy
from monitoring.delivery.content import Undelivered

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Public by name only: local NAT64, IPv4 in older dresses, what was site-local, special IPv4.
_LOCAL_ALL_THE_SAME = tuple(
    map(
        ipaddress.ip_network,
        ("64:ff9b:1::/48", "::/96", "::ffff:0:0:0/96", "fec0::/10", "192.0.0.0/24"),
    )
)


class AddressRefused(Undelivered):
    """The name leads to ourselves or into a private network."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"{host} leads to a private address. If it is meant, add its network to "
            "DELIVERY_PRIVATE_NETWORKS.",
            permanent=True,
        )


def client(**options: Any) -> httpx.Client:
    """An HTTP client of a way of sending, with a time-out and without proxies."""
    transport = httpx.HTTPTransport(trust_env=False)
    transport._pool = httpcore.ConnectionPool(
        ssl_context=httpx.create_ssl_context(trust_env=False),
        max_connections=10,
        # A connection for each request: its time and its size are those of the request.
        max_keepalive_connections=0,
        network_backend=_LookingFirst(),
    )
    return httpx.Client(
        timeout=policy.DELIVERY_TIMEOUT.total_seconds(),
        trust_env=False,
        transport=transport,
        **options,
    )


def is_allowed(address: str) -> bool:
    """Whether an IP address is public, or in a network that the operator allows."""
    found = _plain(ipaddress.ip_address(address))
    is_local = found.is_multicast or any(found in network for network in _LOCAL_ALL_THE_SAME)
    if found.is_global and not is_local:
        return True
    return any(found in network for network in settings.DELIVERY_PRIVATE_NETWORKS)


def _plain(found: _Address) -> _Address:
    """The IPv4 address inside one of IPv6, where there is one: it is what is reached."""
    if isinstance(found, ipaddress.IPv6Address):
        if found in _NAT64:
            return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        return found.ipv4_mapped or found.sixtofour or found
    return found


class _LookingFirst(httpcore.SyncBackend):
    """Looks at where a name leads before it connects, and connects just there."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} has no address") from error
        addresses = list(dict.fromkeys(str(one[4][0]).partition("%")[0] for one in found))
        if not all(is_allowed(address) for address in addresses):
            raise AddressRefused(host)
        ends = time.monotonic() + policy.DELIVERY_TIMEOUT.total_seconds()
        # One of two addresses may lead nowhere: each gets its part of the time.
        share = (ends - time.monotonic()) / max(len(addresses), 1)
        last: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                stream = super().connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
            else:
                return _Bounded(stream, ends)
        raise last


class _Bounded(httpcore.NetworkStream):
    """A connection that ends after its time, however slowly the other side answers, and that
    takes no more than an answer needs: else one receiver could hold a worker for ever."""

    def __init__(self, stream: httpcore.NetworkStream, ends: float, got: int = 0) -> None:
        self._stream, self._ends, self._got = stream, ends, got

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, self._left(httpcore.ReadTimeout))
        self._got += len(data)
        if self._got > policy.DELIVERY_ANSWER_BYTES:
            raise httpcore.ReadError("The answer is too large.")
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left(httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._left(httpcore.ConnectTimeout)
        return _Bounded(self._stream.start_tls(ssl_context, server_hostname, left), self._ends)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def _left(self, late: type[Exception]) -> float:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise late("It takes too long.")
        return left

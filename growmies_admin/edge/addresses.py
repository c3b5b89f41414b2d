"""Who asks: the one place that reads what proxies say about it."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from growmies_admin.environment import Network
from monitoring.asgi_types import App, Message, Receive, Send

Address = IPv4Address | IPv6Address

# By these a client or a proxy says who asks, and how. None of them goes further than here.
_SAID = {
    b"forwarded",
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-forwarded-port",
    b"x-forwarded-prefix",
    b"x-forwarded-proto",
    b"x-forwarded-server",
    b"x-forwarded-ssl",
    b"x-real-ip",
}


class Addresses:
    """Makes `client` and `scheme` of each request true, and drops the headers that claim them.

    `X-Forwarded-For` and `X-Forwarded-Proto` count only when the connection comes from one of
    `trusted`. The client is the right-most hop that is not trusted itself; the scheme is what
    the last proxy said. So `REMOTE_ADDR` and `is_secure()` are right everywhere after this.
    """

    def __init__(self, app: App, trusted: Sequence[Network]) -> None:
        self.app = app
        self.trusted = tuple(trusted)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            scope = {**scope, **self._truth(scope)}
        await self.app(scope, receive, send)

    def _truth(self, scope: Message) -> Message:
        headers = [(name, value) for name, value in scope["headers"] if name not in _SAID]
        peer = parsed(scope["client"][0]) if scope.get("client") else None
        if peer is None or not self._trusts(peer):
            return {"headers": headers}
        hops = _values(scope, b"x-forwarded-for")
        schemes = _values(scope, b"x-forwarded-proto")
        client = self._client(peer, hops)
        told = {"headers": headers, "client": (str(client), 0)}
        if schemes and schemes[-1].lower() in ("http", "https"):
            told["scheme"] = schemes[-1].lower()
        return told

    def _client(self, peer: Address, hops: list[str]) -> Address:
        """The nearest hop that is not a proxy of ours; the last that is known before nonsense."""
        nearest = peer
        for hop in reversed(hops):
            address = parsed(hop)
            if address is None:
                return nearest
            nearest = address
            if not self._trusts(address):
                return nearest
        return nearest

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self.trusted)


def parsed(text: str) -> Address | None:
    """The address in `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1` or `[2001:db8::1]:443`.

    An IPv4 address in IPv6 clothes (`::ffff:192.0.2.1`) is the IPv4 address.
    """
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def household(text: str) -> str:
    """What counts as one asker: an IPv4 address, or the /64 network of an IPv6 address."""
    address = parsed(text)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, 64), strict=False))
    return str(address or text)


def _values(scope: Message, name: bytes) -> list[str]:
    lines: Iterable[bytes] = (value for said, value in scope["headers"] if said == name)
    return [part.strip() for part in b",".join(lines).decode("latin1").split(",") if part.strip()]

"""How much a request may send: of every method, at any address of the site."""

from growmies_admin.edge.addresses import household
from growmies_admin.edge.incoming import Incoming
from growmies_admin.edge.kinds import Kind, Kinds
from growmies_admin.edge.refusing import Refused
from monitoring.asgi_types import App, Message, Receive, Send


class Bodies:
    """Refuses a body before a byte of it is read, or while it comes in too slowly.

    Django reads a body whole before any view runs, in memory only as long as it is bounded.
    A body of unknown length is 411, one over its limit 413, one too many 429 or 503, one that
    doesn't come along 408. The server beneath holds the client to the length that it declared.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        self._kinds = Kinds()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        try:
            await self._pass(scope, receive, send)
        except Refused as refused:
            await refused.answer(scope, send)

    async def _pass(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        kind = self._kinds.of(scope)
        size = _declared_bytes(scope, kind)
        if not size:
            await self.app(scope, receive, send)
            return
        client = scope.get("client")
        asker = household(client[0]) if client else ""
        with Incoming(receive, kind.room_of(size), asker) as body:
            await self.app(scope, body.receive, send)
        if body.refused is not None:
            raise body.refused


def _declared_bytes(scope: Message, kind: Kind) -> int:
    """Content-Length, 0 without a body. Raises Refused."""
    headers = dict(scope["headers"])
    length = headers.get(b"content-length", b"0")
    if b"transfer-encoding" in headers or not length.isdigit():
        sentence = "Say how long the request is (Content-Length); nothing was kept."
        raise Refused("length_required", sentence)
    if len(length) > 15 or int(length) > kind.most_bytes:
        megabytes = kind.most_bytes // 1024**2
        sentence = f"That is more than {megabytes} MB in all; nothing was kept.{kind.advice}"
        raise Refused("too_large", sentence)
    return int(length)

"""The site speaks no WebSocket: an upgrade is refused with 403."""

from growmies_admin.edge.refusing import Refused
from monitoring.asgi_types import App, Message, Receive, Send


class NoWebSockets:
    """Refuses every upgrade to a WebSocket; everything else is the site's.

    uvicorn is started with `--ws none` and hands an upgrade over as a request. A server that
    speaks WebSocket by itself hands over a handshake, which is closed before it is accepted:
    the client gets 403 then, too.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] == "http" and _upgrades(scope):
            refused = Refused("websocket_refused", "There is no WebSocket here.", closes=True)
            await refused.answer(scope, send)
        else:
            await self.app(scope, receive, send)


def _upgrades(scope: Message) -> bool:
    return any(
        name == b"upgrade" and b"websocket" in value.lower() for name, value in scope["headers"]
    )

"""ASGI entry of the web process."""

import json
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "growmies_admin.settings")

from django.conf import settings
from django.core.asgi import get_asgi_application

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

_BODY_METHODS = {"POST", "PUT", "PATCH"}


class BodyLimit:
    """Refuses a request body of unknown length (411) or over the limit (413) before Django.

    Django would otherwise start to read it, and uploads must be bounded and held in
    memory only. The server beneath holds the client to the length that it declared.
    """

    def __init__(self, app: App, limit_bytes: int) -> None:
        self.app = app
        self.limit_bytes = limit_bytes

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in _BODY_METHODS:
            refusal = self._refusal(scope)
            if refusal:
                await _answer(send, *refusal, as_json=scope["path"].startswith("/api/"))
                return
        await self.app(scope, receive, send)

    def _refusal(self, scope: Message) -> tuple[int, str] | None:
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"")
        if not length.isdigit():
            if b"transfer-encoding" in headers or length:
                return 411, "Say how long the request is (Content-Length); nothing was kept."
            return None
        if len(length) > 15 or int(length) > self.limit_bytes:
            megabytes = self.limit_bytes // (1024 * 1024)
            return 413, f"That is more than {megabytes} MB in all; nothing was kept."
        return None


async def _answer(send: Send, status: int, sentence: str, *, as_json: bool) -> None:
    code = "too_large" if status == 413 else "length_required"
    body = (json.dumps({"error": sentence, "code": code}) if as_json else sentence).encode()
    kind = b"application/json" if as_json else b"text/plain; charset=utf-8"
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


application: App = BodyLimit(get_asgi_application(), settings.UPLOAD_BODY_LIMIT_BYTES)  # type: ignore[arg-type]

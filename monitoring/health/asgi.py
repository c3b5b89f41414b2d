"""Answers the probes before Django, on the event loop.

They are asked every few seconds by several askers, also while every thread of the site
waits for a server that hangs: no middleware, no thread, no connection is involved.
"""

import json

from monitoring.asgi_types import App, Message, Receive, Send
from monitoring.health import answers

_JSON = {"/live": answers.live, "/ready": answers.ready, "/health": answers.health}
_NEVER_KEPT = b"max-age=0, no-cache, no-store, must-revalidate, private"


class Probes:
    """Serves GET and HEAD of /live, /ready, /health and /up; everything else is the site's."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        answers.web_sampler.start()
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            path = scope["path"]
            if path in _JSON:
                status, body = _JSON[path]()
                await _answer(send, scope, status, "application/json", json.dumps(body))
                return
            if path == "/up":
                status, page = answers.up()
                await _answer(send, scope, status, "text/html; charset=utf-8", page)
                return
        await self.app(scope, receive, send)


async def _answer(send: Send, scope: Message, status: int, kind: str, text: str) -> None:
    body = text.encode()
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", _NEVER_KEPT),
        (b"x-content-type-options", b"nosniff"),
    ]
    if status == 503:
        headers.append((b"retry-after", str(answers.RETRY_AFTER_SECONDS).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

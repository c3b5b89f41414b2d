"""The one way in which the edge refuses a request."""

import json

from growmies_admin import policy
from monitoring.asgi_types import Message, Send

RETRY_AFTER_SECONDS = int(policy.EDGE_RETRY_AFTER.total_seconds())

# code -> status
REFUSALS = {
    "websocket_refused": 403,
    "too_slow": 408,
    "length_required": 411,
    "too_large": 413,
    "too_many_at_once": 429,
    "busy": 503,
}
RETRIED = {"too_slow", "too_many_at_once", "busy"}


class Refused(Exception):
    """The request goes no further. `code` is one of REFUSALS; the sentence is for people.

    The codes of RETRIED are told to come again, in `Retry-After`; the others would be refused
    again. With `closes`, the connection ends with the answer.
    """

    def __init__(self, code: str, sentence: str, *, closes: bool = False) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.closes = closes

    async def answer(self, scope: Message, send: Send) -> None:
        """Send it: JSON to programs and to pages that ask for it, otherwise plain text."""
        as_json = _wants_json(scope)
        text = json.dumps({"error": self.sentence, "code": self.code}) if as_json else self.sentence
        body = text.encode()
        headers = [
            (b"content-type", b"application/json" if as_json else b"text/plain; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
        ]
        if self.code in RETRIED:
            headers.append((b"retry-after", b"%d" % RETRY_AFTER_SECONDS))
        if self.closes:
            headers.append((b"connection", b"close"))
        status = REFUSALS[self.code]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        shown = b"" if scope["method"] == "HEAD" else body
        await send({"type": "http.response.body", "body": shown})


def _wants_json(scope: Message) -> bool:
    accepted: bytes = dict(scope["headers"]).get(b"accept", b"")
    return scope["path"].startswith("/api/") or accepted.startswith(b"application/json")

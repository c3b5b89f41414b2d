"""One HTTP request to an ASGI application, without a server."""

import asyncio

from compliance.uploads import links

# A link that we signed; no database knows it.
LINK = f"/verify/{links._SIGNER.sign('a-link-that-nobody-has')}/"


class Call:
    """Counts how often its body was asked for."""

    def __init__(self, method="POST", path="/live", headers=(), parts=(b"",), client="127.0.0.1"):
        self.scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", b"localhost"), *headers],
            "client": (client, 5000),
            "server": ("127.0.0.1", 8000),
        }
        self.parts = list(parts)
        self.asked = 0
        self.sent = []

    async def receive(self):
        self.asked += 1
        if not self.parts:
            await asyncio.Event().wait()  # the client stays and listens
        part = self.parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(self.parts)}

    async def send(self, message):
        self.sent.append(message)

    async def to(self, app):
        await app(self.scope, self.receive, self.send)
        return self

    @property
    def status(self):
        return self.sent[0]["status"]

    @property
    def headers(self):
        return dict(self.sent[0]["headers"])

    @property
    def body(self):
        return b"".join(message.get("body", b"") for message in self.sent[1:]).decode()


def length(number):
    return [(b"content-length", str(number).encode())]


def bearer(token):
    return [(b"authorization", f"Bearer {token}".encode())]


class Recorder:
    """The application behind the edge."""

    def __init__(self):
        self.scopes = []

    @property
    def calls(self):
        return len(self.scopes)

    async def __call__(self, scope, receive, send):
        self.scopes.append(scope)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"through"})

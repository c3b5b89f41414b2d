"""There is no WebSocket: every upgrade is refused with 403, and nothing of it is in the log."""

import pytest

from growmies_admin.asgi import application

UPGRADE = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)


def upgrade(web, line, *headers, body=b""):
    head = [f"{line} HTTP/1.1", "Host: localhost", *headers]
    answer = web.raw("\r\n".join([*head, "", ""]).encode() + body)
    return int(answer.split(b" ", 2)[1])


def said(web):
    """What the process logged, but for what it finds out by itself every few seconds."""
    lines = web.log.read_text().splitlines()
    return [line for line in lines if '"firing_not_read"' not in line]


@pytest.mark.parametrize("path", ["/", "/live", "/accounts/login/", "/verify/x/", "/no/such/"])
def test_it_works(web, path):
    before = said(web)
    assert upgrade(web, f"GET {path}", *UPGRADE) == 403
    assert said(web) == before


@pytest.mark.parametrize(
    ("line", "headers", "body"),
    [
        ("GET /", UPGRADE[:2], b""),
        ("GET /", ("Upgrade: WebSocket", "Connection: keep-alive, Upgrade"), b""),
        ("GET /", ("Upgrade: h2c, websocket", "Connection: Upgrade"), b""),
        ("GET /", (*UPGRADE[:2], "Sec-WebSocket-Version: 99"), b""),
        ("POST /", (*UPGRADE, "Content-Length: 5"), b"hello"),
        ("GET /", UPGRADE, b"\x81\x85\x00\x00\x00\x00hello"),
    ],
)
def test_malformed_ones(web, line, headers, body):
    before = said(web)
    assert upgrade(web, line, *headers, body=body) == 403
    assert said(web) == before


def test_another_upgrade_is_not_taken_up(web):
    before = said(web)
    answer = web.raw(
        b"GET /live HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 200")
    assert said(web) == before


async def test_a_server_that_speaks_websocket_is_told_to_close():
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "websocket.connect"}

    scope = {"type": "websocket", "path": "/", "headers": [], "client": ("127.0.0.1", 1)}
    await application(scope, receive, send)
    assert [message["type"] for message in sent] == ["websocket.close"]

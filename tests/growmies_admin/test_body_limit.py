"""Bodies that are too large or of unknown length never reach Django (ASGI)."""

import asyncio

import pytest

from growmies_admin.asgi import BodyLimit, application

LIMIT = 24 * 1024 * 1024


class Call:
    """One HTTP request to an ASGI application; counts how often its body was asked for."""

    def __init__(self, method="POST", path="/live", headers=(), parts=(b"",)):
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
            "client": ("127.0.0.1", 5000),
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
    def body(self):
        return b"".join(message.get("body", b"") for message in self.sent[1:]).decode()


class Recorder:
    """The application behind the limit."""

    def __init__(self):
        self.calls = 0

    async def __call__(self, scope, receive, send):
        self.calls += 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"through"})


@pytest.fixture
def behind():
    return Recorder()


@pytest.fixture
def limit(behind):
    return BodyLimit(behind, LIMIT)


def length(number):
    return [(b"content-length", str(number).encode())]


@pytest.mark.parametrize("size", [0, 1, LIMIT])
async def test_it_works(limit, behind, size):
    call = await Call(headers=length(size)).to(limit)
    assert (call.status, behind.calls) == (200, 1)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
async def test_over_24_megabytes(limit, behind, method):
    call = await Call(method, headers=length(LIMIT + 1)).to(limit)
    assert call.status == 413
    assert call.body == "That is more than 24 MB in all; nothing was kept."
    assert (behind.calls, call.asked) == (0, 0)


@pytest.mark.parametrize(
    "headers",
    [
        [(b"transfer-encoding", b"chunked")],
        [(b"content-length", b"many")],
        [(b"content-length", b"-1")],
        [(b"content-length", b"1e3")],
        [(b"content-length", b"12, 12")],
    ],
)
async def test_of_unknown_length(limit, behind, headers):
    call = await Call(headers=headers).to(limit)
    assert call.status == 411
    assert "Say how long the request is (Content-Length)" in call.body
    assert (behind.calls, call.asked) == (0, 0)


async def test_an_endless_length(limit, behind):
    call = await Call(headers=[(b"content-length", b"9" * 5000)]).to(limit)
    assert call.status == 413
    assert behind.calls == 0


async def test_a_get_has_no_body_to_limit(limit, behind):
    call = await Call("GET").to(limit)
    assert (call.status, behind.calls) == (200, 1)


async def test_a_post_without_a_body(limit, behind):
    call = await Call().to(limit)
    assert (call.status, behind.calls) == (200, 1)


async def test_the_connection_is_closed_after_a_refusal(limit):
    call = await Call(headers=length(LIMIT + 1)).to(limit)
    assert (b"connection", b"close") in call.sent[0]["headers"]


async def test_the_site_itself_refuses_before_django():
    call = await Call(headers=length(LIMIT + 1)).to(application)
    assert (call.status, call.asked) == (413, 0)


@pytest.mark.django_db(transaction=True)
async def test_a_large_upload_never_touches_a_temporary_file(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    megabyte = bytes(1024 * 1024)
    call = Call(
        path="/verify/forged.x/",
        headers=[*length(20 * len(megabyte)), (b"content-type", b"application/octet-stream")],
        parts=[megabyte] * 20,
    )
    await call.to(application)
    assert call.status == 403  # read whole, and refused for its missing CSRF token


async def test_programs_are_told_as_json():
    headers = [(b"content-length", str(LIMIT + 1).encode())]
    call = await Call(path="/api/alerts/", headers=headers).to(application)
    assert call.status == 413
    assert call.body.startswith('{"error": "That is more than 24 MB') and "too_large" in call.body

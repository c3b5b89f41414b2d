"""Small servers at the edge of the network: what they were sent, and what they answer."""

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Edge:
    """`answers` are (status, body, headers) in turn; then 200 with a rising id, or `usual`."""

    url: str = ""
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    answers: list[tuple[int, Any, dict[str, str]]] = field(default_factory=list)
    usual: dict[str, Any] = field(default_factory=dict)

    def bodies(self, method: str = "POST") -> list[Any]:
        return [body for asked, _, body in self.asked if asked == method]


@contextlib.contextmanager
def edge() -> Iterator[Edge]:
    """A server on a free port of loopback."""
    found = Edge()

    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            body = json.loads(raw) if raw.startswith((b"{", b"[")) else raw.decode()
            found.asked.append((self.command, self.path, body))
            usual = found.usual.get(self.path.split("?")[0], {"id": str(1000 + len(found.asked))})
            status, answer, headers = found.answers.pop(0) if found.answers else (200, usual, {})
            text = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = do_DELETE = _take

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()

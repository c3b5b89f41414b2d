"""Small servers at the edge of the network: what they were sent, and what they answer."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Edge:
    """`answers` are (status, body, headers) in turn, a text as it is.

    Then 200 with a rising id, or `usual` by path, or by method and path.
    """

    url: str = ""
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    answers: list[tuple[int, Any, dict[str, str]]] = field(default_factory=list)
    usual: dict[str, Any] = field(default_factory=dict)

    def bodies(self, method: str = "POST") -> list[Any]:
        return [body for asked, _, body in self.asked if asked == method]


# (method, path, headers, body) -> status, body, headers; None ends the connection unanswered.
Respond = Callable[[str, str, Any, bytes], tuple[int, Any, dict[str, str]] | None]


@contextlib.contextmanager
def edge(respond: Respond | None = None) -> Iterator[Edge]:
    """A server on a free port of loopback; with `respond` that says all that it answers."""
    found = Edge()

    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            if respond is not None:
                said = respond(self.command, self.path, self.headers, raw)
                if said is None:
                    self.close_connection = True
                else:
                    self._answer(*said)
                return
            body = json.loads(raw) if raw.startswith((b"{", b"[")) else raw.decode()
            found.asked.append((self.command, self.path, body))
            found.agents.append(self.headers.get("User-Agent", ""))
            path = self.path.split("?")[0]
            usual = found.usual.get(path, {"id": str(1000 + len(found.asked))})
            usual = found.usual.get(f"{self.command} {path}", usual)
            status, answer, headers = found.answers.pop(0) if found.answers else (200, usual, {})
            self._answer(status, answer, headers)

        def _answer(self, status: int, answer: Any, headers: dict[str, str]) -> None:
            text = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _take

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()

"""A proxy between browser and site that loses what a phone's connection loses."""

import contextlib
import re
import socket
import threading
from collections.abc import Iterator

_UPLOAD = re.compile(rb"POST /verify/[^/ ]+/ HTTP")


class Cutting:
    """Passes everything on, until told otherwise.

    Of uploads: `instead` is what the browser gets once the site has answered, and then the
    connection ends; with `holds` it stays open, and nothing comes. With `then_away` everything
    else is away from that moment. `stops_after` is how many bytes are passed on to the site.
    `is_away`: every connection, old or new, ends at once.
    """

    def __init__(self, port: int) -> None:
        self.instead: bytes | None = None
        self.holds = False
        self.then_away = False
        self.stops_after: int | None = None
        self.answered = threading.Event()  # the site has answered an upload
        self._is_away = False
        self._site = port
        self._open: set[socket.socket] = set()
        self._server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://localhost:{self._server.getsockname()[1]}"

    @property
    def is_away(self) -> bool:
        return self._is_away

    @is_away.setter
    def is_away(self, away: bool) -> None:
        self._is_away = away
        if away:
            self.cut()

    def cut(self) -> None:
        """End all connections; new ones are passed on, unless it is away."""
        for end in list(self._open):
            _end(end)

    def close(self) -> None:
        self._server.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            if self._is_away:
                client.close()
                continue
            site = socket.create_connection(("127.0.0.1", self._site))
            self._open |= {client, site}
            flow = _Flow()
            for work in (self._to_site, self._to_client):
                threading.Thread(target=work, args=(client, site, flow), daemon=True).start()

    def _to_site(self, client: socket.socket, site: socket.socket, flow: "_Flow") -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                if _UPLOAD.match(data):
                    flow.is_upload, flow.sent = True, 0
                if flow.is_upload and self.stops_after is not None:
                    data = data[: max(0, self.stops_after - flow.sent)]
                flow.sent += len(data)
                site.sendall(data)
        self._drop(client, site)

    def _to_client(self, client: socket.socket, site: socket.socket, flow: "_Flow") -> None:
        with contextlib.suppress(OSError):
            while data := site.recv(65536):
                if flow.is_upload and not self._passes_on(client):
                    break
                client.sendall(data)
        self._drop(client, site)

    def _passes_on(self, client: socket.socket) -> bool:
        """The site has answered an upload: what comes of it."""
        self.answered.set()
        if self.holds:
            client.recv(1)  # until the browser ends it
            return False
        if self.instead is None:
            return True
        client.sendall(self.instead)
        if self.then_away:
            self.is_away = True
        return False

    def _drop(self, *ends: socket.socket) -> None:
        for end in ends:
            _end(end)
            end.close()
            self._open.discard(end)


class _Flow:
    """What is known of one connection."""

    is_upload = False
    sent = 0


def _end(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def cutting(port: int) -> Iterator[Cutting]:
    proxy = Cutting(port)
    try:
        yield proxy
    finally:
        proxy.close()

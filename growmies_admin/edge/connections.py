"""How long a connection may take to say what it wants: uvicorn's protocol with a clock."""

import asyncio
from collections.abc import Callable

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from growmies_admin import policy
from growmies_admin.edge.refusing import RETRY_AFTER_SECONDS

_HEADERS_SECONDS = policy.HEADERS_WITHIN.total_seconds()
_UNREAD_SECONDS = policy.ANSWER_UNREAD.total_seconds()
_LINGER_SECONDS = policy.REFUSED_BODY_WITHIN.total_seconds()

# Connections without a complete header, the longest waiting first. One process, one server.
_waiting: dict["Connection", None] = {}


class TooManyAtOnce(Exception):
    """More requests were sent in a row, without waiting for an answer, than any client sends."""


class Connection(HttpToolsProtocol):
    """uvicorn's HTTP connection, with limits that uvicorn has none for.

    - The header of a request is whole within HEADERS_WITHIN and has HEADERS_MOST_BYTES at most.
    - HEADERS_AT_ONCE connections wait for one at most; a newer one ends the oldest.
    - PIPELINED_MOST requests wait for the answer to the one before them at most: uvicorn reads on
      while it answers, and would keep as many as somebody sends.
    - A body that was answered before it was read is thrown away for REFUSED_BODY_WITHIN, so
      that the client reads why; then the connection ends.
    - An answer of which nothing is taken for ANSWER_UNREAD ends with the connection: uvicorn
      would wait for its reader for ever.

    Start uvicorn with `--http growmies_admin.edge.connections:Connection`.
    """

    _clock: asyncio.TimerHandle | None = None
    _watch: asyncio.TimerHandle | None = None
    _unread_bytes = 0
    _header_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch = self.loop.call_later(_UNREAD_SECONDS, self._look_whether_it_reads)
        self._wait_for_header()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clock()
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        waited = self in _waiting
        super().data_received(data)
        if waited and self in _waiting:
            self._header_bytes += len(data)
            if self._header_bytes > policy.HEADERS_MOST_BYTES:
                self._turn_away(431, "The header of this request is too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._wait_for_header()

    def on_headers_complete(self) -> None:
        """Raises TooManyAtOnce, which the parser answers with 400 and the end."""
        self._stop_clock()
        if len(self.pipeline) >= policy.PIPELINED_MOST:
            self.pipeline.clear()
            raise TooManyAtOnce
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if self.cycle is not None and self.cycle.response_complete:
            self._wait_for_header()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing() or not self.cycle.response_complete:
            return
        if self.cycle.more_body:
            self._start_clock(_LINGER_SECONDS, self.transport.close)
        else:
            self._wait_for_header()

    def _unsupported_upgrade_warning(self) -> None:
        """Of no use in a log that strangers could fill; after an upgrade nothing is read."""
        self.cycle.keep_alive = False

    def _look_whether_it_reads(self) -> None:
        before, self._unread_bytes = self._unread_bytes, self.transport.get_write_buffer_size()
        if before and before == self._unread_bytes:
            self.transport.abort()
        else:
            self._watch = self.loop.call_later(_UNREAD_SECONDS, self._look_whether_it_reads)

    def _wait_for_header(self) -> None:
        self._header_bytes = 0
        self._start_clock(_HEADERS_SECONDS, self._header_too_slow)
        _waiting[self] = None
        if len(_waiting) > policy.HEADERS_AT_ONCE:
            next(iter(_waiting))._turn_away(503, "Too many connections wait; try again.")

    def _header_too_slow(self) -> None:
        self._turn_away(408, "The request came in too slowly; try again.")

    def _turn_away(self, status: int, sentence: str) -> None:
        """End a connection that waits; with an answer where it has begun to ask."""
        self._stop_clock()
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.keep_alive = False  # it asked something before that is being answered
            return
        if self._header_bytes and not self.transport.is_closing():
            again = b"" if status == 431 else b"retry-after: %d\r\n" % RETRY_AFTER_SECONDS
            self.transport.write(
                STATUS_LINE[status]
                + again
                + b"content-type: text/plain; charset=utf-8\r\n"
                + b"content-length: %d\r\nconnection: close\r\n\r\n" % len(sentence)
                + sentence.encode("ascii")
            )
        self.transport.close()

    def _start_clock(self, seconds: float, end: Callable[[], None]) -> None:
        self._stop_clock()
        self._clock = self.loop.call_later(seconds, end)

    def _stop_clock(self) -> None:
        _waiting.pop(self, None)
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

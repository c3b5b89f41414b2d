"""Gateway transport compression: none, zlib-stream, zstd-stream, or zlib for each payload."""

import zlib
from typing import Protocol

import zstandard


class Compressor(Protocol):
    """Turns one payload into one web socket message; text stays text, bytes go out as binary."""

    def encode(self, text: str) -> str | bytes:
        """The message to send."""
        ...


class Plain:
    """No compression: text frames, or zlib for each payload when IDENTIFY asked for it."""

    def __init__(self) -> None:
        self.compress_payloads = False

    def encode(self, text: str) -> str | bytes:
        """Text as it is; large payloads as one whole zlib stream when IDENTIFY said compress."""
        if self.compress_payloads and len(text) > 1024:
            return zlib.compress(text.encode())
        return text


class ZlibStream:
    """One zlib context a connection; each message ends in 00 00 ff ff."""

    def __init__(self) -> None:
        self._stream = zlib.compressobj()

    def encode(self, text: str) -> bytes:
        """The payload, flushed so that the client can read it at once."""
        return self._stream.compress(text.encode()) + self._stream.flush(zlib.Z_SYNC_FLUSH)


class ZstdStream:
    """One zstandard context a connection, flushed after each message."""

    def __init__(self) -> None:
        self._stream = zstandard.ZstdCompressor().compressobj()

    def encode(self, text: str) -> bytes:
        """The payload, flushed so that the client can read it at once."""
        flush = zstandard.COMPRESSOBJ_FLUSH_BLOCK
        return self._stream.compress(text.encode()) + self._stream.flush(flush)


KINDS: dict[str, type[Plain] | type[ZlibStream] | type[ZstdStream]] = {
    "": Plain,
    "zlib-stream": ZlibStream,
    "zstd-stream": ZstdStream,
}

"""The file of heads: one line of JSON a minute, only ever added to, each with the hash of the last.

Whoever can rewrite the tables can rewrite the chain too, but not what was written down
elsewhere: a head that was written down must still stand at its position.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

NOTHING = "0" * 64  # what the first line of all follows
_CHUNK = 64 * 1024


class HeadsUnreadable(Exception):
    """The file of heads can't be read, or a line of it is damaged; the message says which."""


class HeadsChanged(Exception):
    """The file of heads is not what was written; the message says where."""


@dataclass(frozen=True)
class Head:
    """That the chain had this hash (hexadecimal) at this position at that time.

    `last` is the last number that the sequence of entries had given, `unsealed` the entries
    that waited for the sealer with their hashes, `previous` the SHA-256 of the line before.
    Lines of earlier versions have time, position and head only; their `line` is 0.
    """

    at: str
    position: int
    head: str
    line: int = 0
    last: int = 0
    unsealed: dict[int, str] = field(default_factory=dict)
    previous: str = ""


@dataclass(frozen=True)
class Place:
    """A line's number and hash, and the byte after it."""

    line: int
    hash: str
    offset: int


START = Place(0, NOTHING, 0)


@contextmanager
def held(path: Path) -> Iterator[int | None]:
    """The file, made if need be, that nobody else adds to meanwhile; None while another does.

    Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    made = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        if made:
            _flush_folder(path.parent)
        yield descriptor if _locked(descriptor, path) else None
    finally:
        os.close(descriptor)


@contextmanager
def kept_still(path: Path) -> Iterator[None]:
    """Nobody adds to the file meanwhile. Waits for whoever does; without a file there is nobody."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        yield
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def append(descriptor: int, path: Path, head: Head, after: Place) -> Place:
    """Add a head as one line to a file that is held, flushed to disk; returns its place.

    It follows the file's last line; in an empty file it follows `after`. Raises OSError, and
    HeadsUnreadable when no line can be read. Nothing of the file is ever taken away: it may
    carry the attribute `a` of Linux.
    """
    last = _last(descriptor, path) or Place(after.line, after.hash, 0)
    facts = {**asdict(head), "line": last.line + 1, "previous": last.hash}
    line = json.dumps(facts, separators=(",", ":")).encode()
    size = os.fstat(descriptor).st_size
    # What a writer that was stopped has left of a line is ended, and read over later.
    ended = b"" if not size or os.pread(descriptor, 1, size - 1) == b"\n" else b"\n"
    whole = ended + line + b"\n"
    if os.write(descriptor, whole) != len(whole):
        raise OSError(f"{path} took only a part of a line")
    os.fsync(descriptor)
    return Place(last.line + 1, _hash(line), size + len(whole))


def why_changed(path: Path, place: Place) -> str:
    """Why the line that was written at a place is not there any more; "" while it is."""
    if not place.offset:
        return ""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            line = _line_before(file.fileno(), place.offset) if size >= place.offset else None
    except FileNotFoundError:
        return f"The file of heads {path} is gone; {place.line} lines were written."
    if line is None:
        return f"The file of heads {path} was cut: line {place.line} was written and is gone."
    if _hash(line) != place.hash:
        return f"The file of heads {path} was rewritten: line {place.line} is not what was written."
    return ""


def head_at(path: Path, place: Place) -> Head | None:
    """The head that was written at a place; None when none is there."""
    if not place.offset or not path.exists():
        return None
    with path.open("rb") as file:
        line = _line_before(file.fileno(), place.offset)
    return _parsed(line + b"\n") if line else None


def last_place(path: Path) -> Place | None:
    """Place of the file's last line that can be read; None without one.

    Raises OSError, and HeadsUnreadable when no line can be read.
    """
    if not path.exists():
        return None
    with path.open("rb") as file:
        return _last(file.fileno(), path)


def read(path: Path) -> Iterator[Head]:
    """All heads of a file, in its order. Raises HeadsUnreadable and HeadsChanged.

    A damaged line is what a writer that was stopped has left, when the line after it follows
    the one before it; at the end of the file, when it has no end itself.
    """
    good: tuple[Head, bytes] | None = None
    damaged = 0
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                head = _parsed(line)
                if head is None:
                    damaged = damaged or (number if line.endswith(b"\n") else 0)
                    continue
                if good is not None and not _follows(head, *good):
                    if damaged:
                        break
                    raise HeadsChanged(
                        f"The file of heads {path} was changed: line {number} does not follow "
                        f"the one before it, of {good[0].at}."
                    )
                yield head
                good, damaged = (head, line[:-1]), 0
    except OSError as error:
        raise HeadsUnreadable(f"{path} can't be read: {error}") from error
    if damaged:
        raise HeadsUnreadable(f"Line {damaged} of {path} is damaged.")


def lines_from(path: Path, place: Place, at_most: int) -> tuple[list[bytes], Place]:
    """The whole lines after a place, and the place after them. Raises OSError."""
    lines: list[bytes] = []
    last, offset = place, place.offset
    with path.open("rb") as file:
        file.seek(offset)
        for line in file:
            if len(lines) == at_most:
                break
            offset += len(line)
            if head := _parsed(line):
                lines.append(line)
                last = Place(head.line, _hash(line[:-1]), offset)
    return lines, last


def _follows(head: Head, before: Head, line_before: bytes) -> bool:
    if not head.line:  # daily lines of an earlier version came before all numbered ones
        return not before.line
    return head.previous == _hash(line_before) and (not before.line or head.line == before.line + 1)


def _parsed(line: bytes) -> Head | None:
    """The head of a line; None when it is damaged, or has no end."""
    if not line.endswith(b"\n"):
        return None
    try:
        facts: dict[str, Any] = json.loads(line)
        return Head(
            str(facts["at"]),
            int(facts["position"]),
            str(facts["head"]),
            int(facts.get("line", 0)),
            int(facts.get("last", 0)),
            {int(entry): str(digest) for entry, digest in facts.get("unsealed", {}).items()},
            str(facts.get("previous", "")),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _locked(descriptor: int, path: Path) -> bool:
    """Whether the file is ours now, and still the one of that name."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except (BlockingIOError, FileNotFoundError):  # another writes, or has set it aside
        return False


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _last(descriptor: int, path: Path) -> Place | None:
    """Place of the last line that can be read; None in an empty file."""
    size = end = _end_before(descriptor, os.fstat(descriptor).st_size)
    while line := _line_before(descriptor, end):
        if head := _parsed(line + b"\n"):
            number = head.line or sum(1 for _ in read(path))
            return Place(number, _hash(line), end)
        end -= len(line) + 1
    if size:
        raise HeadsUnreadable(f"No line of {path} can be read.")
    return None


def _line_before(descriptor: int, offset: int) -> bytes | None:
    """The whole line that ends at an offset, without its end; None when none does."""
    if not offset or os.pread(descriptor, 1, offset - 1) != b"\n":
        return None
    begin = _end_before(descriptor, offset - 1)
    return os.pread(descriptor, offset - 1 - begin, begin)


def _end_before(descriptor: int, offset: int) -> int:
    """The byte after the last line end before an offset; 0 without one."""
    while offset > 0:
        begin = max(0, offset - _CHUNK)
        found = os.pread(descriptor, offset - begin, begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        offset = begin
    return 0


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()

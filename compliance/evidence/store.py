"""The evidence store: two files a picture, both encrypted, in no database and no backup.

`<id>.blob` is the encrypted picture, `<id>.key` its wrapped key. Files are written under a
temporary name, flushed to disk and renamed, so that a file is whole or absent.
"""

import os
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils import timezone

_BLOB, _KEY, _PART = ".blob", ".key", ".part"


class StoreUnusable(OSError):
    """The store can't be written or read (disk full, rights, missing file)."""


def put(evidence_id: uuid.UUID, wrapped_key: bytes, blob: bytes) -> None:
    """Keep both files or neither. Raises StoreUnusable."""
    folder = _folder(evidence_id)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(folder / f"{evidence_id}{_KEY}", wrapped_key)
        _write(folder / f"{evidence_id}{_BLOB}", blob)
        _sync(folder)
    except OSError as error:
        remove(evidence_id)
        raise StoreUnusable(error.errno, error.strerror) from error


def get(evidence_id: uuid.UUID) -> tuple[bytes, bytes]:
    """(wrapped key, blob). Raises StoreUnusable."""
    folder = _folder(evidence_id)
    try:
        return (
            (folder / f"{evidence_id}{_KEY}").read_bytes(),
            (folder / f"{evidence_id}{_BLOB}").read_bytes(),
        )
    except OSError as error:
        raise StoreUnusable(error.errno, error.strerror) from error


def wrapped_keys() -> Iterator[uuid.UUID]:
    """Ids of everything in the store that has a wrapped key."""
    for path in sorted(settings.EVIDENCE_DIR.glob(f"*/*{_KEY}")):
        try:
            yield uuid.UUID(path.stem)
        except ValueError:
            continue


def wrapped_key(evidence_id: uuid.UUID) -> bytes | None:
    """The wrapped key alone; None when there is none (any more). Raises StoreUnusable."""
    try:
        return (_folder(evidence_id) / f"{evidence_id}{_KEY}").read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreUnusable(error.errno, error.strerror) from error


def replace_key(evidence_id: uuid.UUID, wrapped_key: bytes) -> bool:
    """Put another wrapped key in the place of the present one, at once or not at all.

    What was there before is overwritten. False when there is no key any more. The caller
    keeps the key from being destroyed meanwhile. Raises StoreUnusable.
    """
    folder = _folder(evidence_id)
    path = folder / f"{evidence_id}{_KEY}"
    try:
        with path.open("r+b") as before:
            _write(path, wrapped_key)
            _sync(folder)
            # The name leads to the new key now; the old one is gone when this is written.
            _flushed(before, os.urandom(os.fstat(before.fileno()).st_size))
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StoreUnusable(error.errno, error.strerror) from error
    return True


def remove(evidence_id: uuid.UUID) -> None:
    """Destroy both files, the key first and overwritten; fine when they are gone already."""
    folder = _folder(evidence_id)
    if not folder.is_dir():
        return
    for name in (f"{evidence_id}{_KEY}", f"{evidence_id}{_BLOB}"):
        for path in (folder / name, folder / f"{name}{_PART}"):
            _overwrite(path)
            path.unlink(missing_ok=True)
    _sync(folder)


def older_than(age: timedelta) -> Iterator[uuid.UUID]:
    """Ids of everything in the store that was last written longer ago than `age`."""
    limit = (timezone.now() - age).timestamp()
    found = set()
    for path in settings.EVIDENCE_DIR.glob("*/*"):
        try:
            evidence_id = uuid.UUID(path.name.split(".")[0])
            if path.stat().st_mtime < limit:
                found.add(evidence_id)
        except (ValueError, FileNotFoundError):
            continue
    yield from found


def holds(evidence_id: uuid.UUID) -> bool:
    return (_folder(evidence_id) / f"{evidence_id}{_KEY}").exists()


def is_whole(evidence_id: uuid.UUID) -> bool:
    """Whether both files are there. Raises StoreUnusable when the store can't be asked."""
    folder = _folder(evidence_id)
    try:
        for name in (f"{evidence_id}{_KEY}", f"{evidence_id}{_BLOB}"):
            (folder / name).stat()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StoreUnusable(error.errno, error.strerror) from error
    return True


def is_there() -> bool:
    """Whether the store has ever held a picture: folders stay when their files are destroyed.

    The empty place of a disk that is not mounted has none.
    """
    return any(path.is_dir() for path in settings.EVIDENCE_DIR.glob("*"))


def _folder(evidence_id: uuid.UUID) -> Path:
    root: Path = settings.EVIDENCE_DIR
    return root / evidence_id.hex[:2]


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(path.name + _PART)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        _flushed(file, content)
    part.rename(path)


def _overwrite(path: Path) -> None:
    try:
        size = path.stat().st_size
        with path.open("r+b") as file:
            if path.suffix == _KEY or path.name.endswith(f"{_KEY}{_PART}"):
                _flushed(file, os.urandom(size))
            else:
                _flushed(file, bytes(min(size, 4096)))
    except FileNotFoundError:
        return


def _flushed(file: BinaryIO, content: bytes) -> None:
    file.write(content)
    file.flush()
    os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

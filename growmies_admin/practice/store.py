"""Keeps the guild over restarts: every change is written at once, so that kill -9 loses nothing.

A snapshot plus a journal of puts and deletes. Replaying a journal over a newer snapshot gives the
same state, so that a crash between the two steps of `compact` is harmless.
"""

import fcntl
import json
import os
from pathlib import Path
from typing import IO, Any

Collections = dict[str, dict[str, Any]]

COMPACT_AFTER_LINES = 20_000


class StateInUse(Exception):
    """Another practice guild holds this state folder."""


class Journal:
    """One process's hold on a state folder. Raises StateInUse when another has it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._lines = 0
        self._lock = (folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise StateInUse(f"Another practice guild uses {folder}.") from error
        self.data: Collections = self._load()
        self._file: IO[bytes] = self._journal.open("ab", buffering=0)

    @property
    def _journal(self) -> Path:
        return self._folder / "journal.jsonl"

    @property
    def _snapshot(self) -> Path:
        return self._folder / "snapshot.json"

    def put(self, collection: str, key: str, value: Any) -> None:
        """Keep a value; it is with the operating system when this returns."""
        self.data.setdefault(collection, {})[key] = value
        self._write([collection, key, value])

    def delete(self, collection: str, key: str) -> None:
        """Forget a value; a key that isn't there is no error."""
        self.data.get(collection, {}).pop(key, None)
        self._write([collection, key])

    def close(self) -> None:
        """Write a snapshot and let go of the folder."""
        self.compact()
        self._file.close()
        self._lock.close()

    def compact(self) -> None:
        """Write everything as one snapshot, atomically, and empty the journal."""
        fresh = self._snapshot.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(self.data, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._snapshot)
        self._file.truncate(0)
        self._lines = 0

    def _write(self, line: list[Any]) -> None:
        self._file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        self._lines += 1
        if self._lines >= COMPACT_AFTER_LINES:
            self.compact()

    def _load(self) -> Collections:
        data: Collections = {}
        if self._snapshot.exists():
            data = json.loads(self._snapshot.read_text(encoding="utf-8"))
        if not self._journal.exists():
            return data
        whole = 0
        for line in self._journal.read_bytes().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break  # torn by a crash
            whole += len(line)
            entry = json.loads(line)
            if len(entry) == 3:
                data.setdefault(entry[0], {})[entry[1]] = entry[2]
            else:
                data.get(entry[0], {}).pop(entry[1], None)
        os.truncate(self._journal, whole)
        return data

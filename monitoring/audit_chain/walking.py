"""Walks stretches of the chain. Each link is checked against the stored hash before it, so
stretches can be walked side by side: when all links hold, the chain holds.

In SQL for tests/bench/test_audit.py, and knows nothing of Django: processes that only walk start in
a moment.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import psycopg

from monitoring.audit_chain.canonical import FIELDS, encoded

GENESIS = bytes(32)
_FETCH = 2_000  # rows a round trip
_AS_TEXT = {
    "at": "to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"')",
    "subject_id": "e.subject_id::text",
    "data": "e.data::text",
}
_COLUMNS = ", ".join(_AS_TEXT.get(name, f"e.{name}") for name in FIELDS)
_DATA = FIELDS.index("data")
SQL = (
    f"SELECT s.position, s.entry_id, s.hash, {_COLUMNS} FROM audit_seal s "  # noqa: S608
    "LEFT JOIN audit_entry e ON e.id = s.entry_id "
    "WHERE s.position BETWEEN %s AND %s ORDER BY s.position"
)


@dataclass(frozen=True)
class Fault:
    """The first link of a stretch that does not fit."""

    position: int
    entry: int
    why: str


def link(head: bytes, entry: bytes) -> bytes:
    return hashlib.sha256(head + entry).digest()


def walk(cursor: Any, first: int, last: int) -> Fault | None:
    """Check the links `first` to `last`; `cursor` is a server-side one. None when all hold."""
    cursor.execute(SQL, [first - 1, last])
    head, expected = (GENESIS, 1) if first == 1 else (None, first - 1)
    while rows := cursor.fetchmany(_FETCH):
        for row in rows:
            position, entry, sealed = row[0], row[1], bytes(row[2])
            if position != expected:
                return Fault(expected, entry, f"position {expected} is missing")
            if head is not None:
                if row[3] is None:
                    return Fault(position, entry, "the entry is missing")
                if link(head, in_canon(row[3:])) != sealed:
                    return Fault(position, entry, "the entry is not what was sealed")
            head, expected = sealed, position + 1
    return None


def walk_alone(params: dict[str, Any], first: int, last: int) -> Fault | None:
    """walk() over a connection of its own, for a process of its own."""
    with psycopg.connect(**params) as connection, connection.cursor(name="walk") as cursor:
        return walk(cursor, first, last)


def in_canon(columns: tuple[Any, ...]) -> bytes:
    """The canonical form of an entry as SQL's columns give it."""
    plain = dict(zip(FIELDS, columns, strict=True))
    plain["data"] = json.loads(columns[_DATA])
    return encoded(plain)

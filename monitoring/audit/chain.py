"""Seals entries into a hash chain, off the hot path, and verifies it.

hash(n) = SHA-256(hash(n-1) + canonical JSON of the entry at position n); hash(0) is 32
zero bytes. One sealer at a time (advisory lock) takes what the `unsealed` table lists, so
that an entry whose transaction committed late is sealed late, and never missed.
"""

import hashlib
import json
from dataclasses import dataclass

from django.db import connection, transaction

from monitoring import policy
from monitoring.audit.canonical import FIELDS, canonical
from monitoring.audit.models import Entry, Seal, Unsealed

GENESIS = bytes(32)
_LOCK = 0x6772_6F77_7365_616C


@dataclass(frozen=True)
class Report:
    """What verification found. `first_bad_entry` is None when the chain holds."""

    sealed: int
    unsealed: int
    head: str
    first_bad_entry: int | None = None
    why: str = ""


@transaction.atomic
def seal_batch(limit: int = policy.AUDIT_SEAL_BATCH) -> int:
    """Seal up to `limit` entries; returns how many. 0 also when another sealer is at work."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    ids = list(Unsealed.objects.order_by("pk").values_list("pk", flat=True)[:limit])
    if not ids:
        return 0
    last = Seal.objects.order_by("-position").first()
    position, head = (last.position, bytes(last.hash)) if last else (0, GENESIS)
    seals = []
    for values in Entry.objects.filter(pk__in=ids).order_by("pk").values(*FIELDS):
        position += 1
        head = _link(head, canonical(values))
        seals.append(Seal(position=position, entry_id=values["id"], hash=head))
    Seal.objects.bulk_create(seals, batch_size=1000)
    Unsealed.objects.filter(pk__in=ids).delete()
    return len(seals)


def verify() -> Report:
    """Walk the whole chain; names the first entry that does not fit."""
    position, head = 0, GENESIS
    columns = ", ".join(f"e.{name}" for name in FIELDS)
    with transaction.atomic():
        unsealed = Entry.objects.filter(seal__isnull=True).count()
        with connection.chunked_cursor() as cursor:
            cursor.execute(
                f"SELECT s.position, s.hash, {columns} FROM audit_seal s "  # noqa: S608
                "LEFT JOIN audit_entry e ON e.id = s.entry_id ORDER BY s.position"
            )
            while rows := cursor.fetchmany(2000):
                for row in rows:
                    values = dict(zip(FIELDS, row[2:], strict=True))
                    values["data"] = _json(values["data"])
                    position += 1
                    bad = _fault(row[0], position, values)
                    head = _link(head, canonical(values)) if not bad else head
                    if bad or head != bytes(row[1]):
                        why = bad or "the entry is not what was sealed"
                        return Report(position - 1, unsealed, head.hex(), values["id"], why)
    lost = Unsealed.objects.count()
    if unsealed != lost:
        return Report(position, unsealed, head.hex(), 0, f"{unsealed - lost} seals are missing")
    return Report(position, unsealed, head.hex())


def _fault(found: int, expected: int, values: dict[str, object]) -> str:
    if found != expected:
        return f"position {expected} is missing"
    return "the entry is missing" if values["id"] is None else ""


def _json(value: object) -> object:
    return json.loads(value) if isinstance(value, str) else value


def _link(head: bytes, entry: bytes) -> bytes:
    return hashlib.sha256(head + entry).digest()

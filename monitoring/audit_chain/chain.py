"""Seals entries into a hash chain, off the hot path, and verifies it.

hash(n) = SHA-256(hash(n-1) + canonical JSON of the entry at position n); hash(0) is 32
zero bytes. One sealer at a time (advisory lock) takes what the `unsealed` table lists, so
that an entry whose transaction committed late is sealed late, and never missed.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from django.db import connection, transaction
from django.db.models import Max

from monitoring import locks, policy
from monitoring.audit.models import Entry, Seal, Unsealed
from monitoring.audit_chain import walking
from monitoring.audit_chain.canonical import FIELDS, canonical
from monitoring.audit_chain.walking import GENESIS

_TABLE = Entry._meta.db_table
# In SQL for a race: between two statements, the sealer or an act of somebody's would change one of
# the figures.
_UNSEALED = """
SELECT (SELECT count(*) FROM audit_entry e
        WHERE NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.entry_id = e.id)),
       (SELECT count(*) FROM audit_unsealed)
"""


class NumbersUnreadable(Exception):
    """This role may not look at the sequence of entries; the message says who gives the right."""


@dataclass(frozen=True)
class Tail:
    """Where the chain stands: its head, and what waits for it.

    `last` is the last number that the sequence of entries gave, also to acts that were rolled
    back. `unsealed` are the entries that wait (AUDIT_HEAD_UNSEALED at most), with the SHA-256
    of their canonical form.
    """

    position: int
    head: str
    last: int
    unsealed: dict[int, str]


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
    if not locks.hold_if_free(locks.Lock.AUDIT_SEALING):
        return 0
    ids = list(Unsealed.objects.order_by("pk").values_list("pk", flat=True)[:limit])
    if not ids:
        return 0
    position, head = _end()
    seals = []
    for values in Entry.objects.filter(pk__in=ids).order_by("pk").values(*FIELDS):
        position += 1
        head = walking.link(head, canonical(values))
        seals.append(Seal(position=position, entry_id=values["id"], hash=head))
    Seal.objects.bulk_create(seals, batch_size=1000)
    Unsealed.objects.filter(pk__in=ids).delete()
    return len(seals)


def seal_all() -> None:
    """Seal what waits, batch by batch; less when another sealer is at work."""
    while seal_batch() == policy.AUDIT_SEAL_BATCH:
        pass


@transaction.atomic
def tail() -> Tail:
    """The newest end of the trail. Nothing is sealed while it is read."""
    locks.hold(locks.Lock.AUDIT_SEALING)
    position, head = _end()
    waiting = Unsealed.objects.order_by("pk").values_list("pk", flat=True)
    ids = list(waiting[: policy.AUDIT_HEAD_UNSEALED])
    return Tail(position, head.hex(), last_number(), digests(ids))


def digests(ids: list[int]) -> dict[int, str]:
    """The entries that there are of these -> SHA-256 of their canonical form, hexadecimal."""
    found = Entry.objects.filter(pk__in=ids).order_by("pk").values(*FIELDS)
    return {values["id"]: walking.link(b"", canonical(values)).hex() for values in found}


def last_number() -> int:
    """The last number that the sequence of entries gave; 0 before the first.

    Raises NumbersUnreadable: to a role without rights on it, PostgreSQL answers as if no number
    had been given yet.
    """
    # In SQL for want of a model: this is PostgreSQL's sequence.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, 'id'))", [_TABLE])
        last: int | None = cursor.fetchone()[0]
    if last is None and Entry.objects.exists():
        raise NumbersUnreadable(
            f"The sequence of {_TABLE} can't be read: migrate gives the site's role SELECT on it."
        )
    return last or 0


def _end() -> tuple[int, bytes]:
    last = Seal.objects.order_by("-position").first()
    return (last.position, bytes(last.hash)) if last else (0, GENESIS)


def verify(processes: int = 1, told: Callable[[int, int], None] = lambda done, all: None) -> Report:
    """Walk the whole chain; names the first entry that does not fit.

    `processes` walk at the same time, over connections of their own: not inside of a
    transaction that has sealed something, nor in a worker's pool process. `told` hears how
    many of how many links have been checked.
    """
    last = Seal.objects.aggregate(last=Max("position"))["last"] or 0
    stretches = [
        (first, min(first + policy.AUDIT_STRETCH - 1, last))
        for first in range(1, last + 1, policy.AUDIT_STRETCH)
    ]
    many = processes > 1 and len(stretches) > 1
    walked = _side_by_side(stretches, processes) if many else map(_walk_here, stretches)
    for (_, end), fault in zip(stretches, walked, strict=True):
        if fault is not None:
            head = _hash_at(fault.position - 1)
            return Report(fault.position - 1, _unsealed()[0], head.hex(), fault.entry, fault.why)
        told(end, last)
    unsealed, listed = _unsealed()
    head = _hash_at(last)
    if unsealed != listed:
        why = f"{unsealed - listed} seals are missing"
        return Report(last, unsealed, head.hex(), 0, why)
    return Report(last, unsealed, head.hex())


def _walk_here(stretch: tuple[int, int]) -> walking.Fault | None:
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        return walking.walk(cursor, *stretch)


def _side_by_side(
    stretches: list[tuple[int, int]], processes: int
) -> Iterator[walking.Fault | None]:
    params = connection_params()
    # Not forked: a child must not share this process's connections.
    pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"))
    try:
        running = [pool.submit(walking.walk_alone, params, *stretch) for stretch in stretches]
        for each in running:
            yield each.result()
    finally:  # also after a fault, when nobody asks for the rest
        pool.shutdown(cancel_futures=True)


def connection_params() -> dict[str, str | int]:
    """What psycopg alone needs to reach the same database as Django does."""
    params = connection.get_connection_params()
    return {name: value for name, value in params.items() if isinstance(value, str | int)}


def _unsealed() -> tuple[int, int]:
    """(entries without a seal, entries listed as such), both of one moment."""
    with connection.cursor() as cursor:
        cursor.execute(_UNSEALED)
        found: tuple[int, int] = cursor.fetchone()
    return found


def _hash_at(position: int) -> bytes:
    seal = Seal.objects.filter(position=position).first()
    return bytes(seal.hash) if seal else GENESIS

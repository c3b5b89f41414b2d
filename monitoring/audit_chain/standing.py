"""Whether heads that were written down still stand in the database."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from django.db.models import Max

from monitoring.audit.models import Entry, Seal
from monitoring.audit_chain import chain
from monitoring.audit_chain.heads import Head
from monitoring.audit_chain.walking import GENESIS

BATCH = 5_000
T = TypeVar("T")


class ChainBroken(Exception):
    """The trail is not what was sealed or written down; the message says where."""


class EndsEarly(Exception):
    """The trail ends before what was written down; the message says where."""


@dataclass(frozen=True)
class Standing:
    """How many heads there are, and the last number of the sequence that any of them names."""

    heads: int = 0
    last: int = 0


def check(found: Iterable[Head]) -> Standing:
    """All heads stand. Raises ChainBroken and EndsEarly.

    A head stands when its hash is at its position, and each entry that it names as waiting is
    there as it was. Reads the heads before it asks the database, so that one which is written
    meanwhile is no fault.
    """
    count, last, missed = 0, 0, ""
    for heads in _in_batches(found):
        missed = missed or _check_positions(heads)
        missed = missed or _check_waiting(heads)
        count += len(heads)
        last = max(last, *(head.last for head in heads))
    if missed:
        raise EndsEarly(
            f"{missed} The database was restored from an older backup, or its newest entries "
            "were removed."
        )
    return Standing(count, last)


def _check_positions(heads: list[Head]) -> str:
    """Why the trail ends too early, or "". Raises ChainBroken."""
    stored = dict(
        Seal.objects.filter(position__in={head.position for head in heads}).values_list(
            "position", "hash"
        )
    )
    stored[0] = GENESIS
    missed, end = "", None
    for head in heads:
        sealed = stored.get(head.position)
        if sealed is not None and bytes(sealed).hex() == head.head:
            continue
        if end is None:
            end = Seal.objects.aggregate(end=Max("position"))["end"] or 0
        if sealed is not None or head.position <= end:
            raise ChainBroken(
                f"The trail was rewritten: on {head.at} the head at position {head.position} "
                f"was {head.head}, which does not stand there any more."
            )
        missed = missed or (
            f"The trail ends early: on {head.at} the chain had reached position "
            f"{head.position}, and now it ends at {end}."
        )
    return missed


def _check_waiting(heads: list[Head]) -> str:
    """The same for entries that heads name as waiting for the sealer."""
    named = [(entry, digest, head.at) for head in heads for entry, digest in head.unsealed.items()]
    missed = ""
    for some in _in_batches(named):
        there = chain.digests([entry for entry, _, _ in some])
        for entry, digest, at in some:
            if there.get(entry) == digest:
                continue
            if entry in there:
                raise ChainBroken(f"Entry {entry} is not what it was on {at}.")
            newest = Entry.objects.aggregate(newest=Max("pk"))["newest"] or 0
            if entry <= newest:
                raise ChainBroken(
                    f"Entry {entry} was removed: it waited for the sealer on {at}, and is gone."
                )
            missed = missed or (
                f"The trail ends early: on {at} there was the entry {entry}, and now the newest "
                f"is {newest}."
            )
    return missed


def _in_batches(of: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(of)
    while batch := list(islice(rest, BATCH)):
        yield batch

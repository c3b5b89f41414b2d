"""The chain's head, written down outside of the database once a day.

Whoever can rewrite the tables can rewrite the chain too, but not what is in this file and
in the logs: a head that was written down must still stand at its position.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import structlog
from django.conf import settings
from django.utils import timezone

from monitoring.audit import chain
from monitoring.audit.models import Seal
from monitoring.audit.walking import GENESIS
from monitoring.maintenance.running import Context

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Head:
    """That the chain had this hash (hexadecimal) at this position at that time."""

    at: str
    position: int
    head: str


class HeadsUnreadable(ValueError):
    """The file of heads can't be read, or a line of it is damaged; the message says which."""


class ChainBroken(Exception):
    """The trail is not what was sealed or written down; the message says where."""


def run(context: Context) -> None:
    """The daily job: verify the chain and the heads so far, then write today's head down."""
    context.progress(0, "Walks the chain")
    report = chain.verify(
        told=lambda done, all: context.progress(done * 95 // all, f"{done:,} of {all:,} links")
    )
    if report.first_bad_entry is not None:
        raise ChainBroken(f"The chain is broken at entry {report.first_bad_entry}: {report.why}.")
    if settings.AUDIT_HEADS.exists():
        written = read(settings.AUDIT_HEADS)
        if (gone := first_gone(written)) is not None:
            raise ChainBroken(sentence(gone))
        context.line(f"{len(written)} heads that were written down stand where they stood")
    write(Head(timezone.now().isoformat(timespec="seconds"), report.sealed, report.head))
    context.progress(100, f"Head {report.head} at position {report.sealed:,}")


def write(head: Head) -> None:
    """Add one line to the file, flushed to disk, and one to the log."""
    path: Path = settings.AUDIT_HEADS
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(json.dumps(head.__dict__) + "\n")
        file.flush()
        os.fsync(file.fileno())
    log.info("audit_head", position=head.position, head=head.head)


def read(path: Path) -> list[Head]:
    """All heads of a file, in its order. Raises HeadsUnreadable."""
    found = []
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise HeadsUnreadable(f"{path} can't be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        try:
            facts = json.loads(line)
            found.append(Head(str(facts["at"]), int(facts["position"]), str(facts["head"])))
        except (ValueError, KeyError, TypeError) as error:
            raise HeadsUnreadable(f"Line {number} of {path} is damaged.") from error
    return found


def first_gone(heads: list[Head]) -> Head | None:
    """The first of these heads that does not stand at its position any more."""
    wanted = {head.position for head in heads}
    stored = {
        position: bytes(sealed).hex()
        for position, sealed in Seal.objects.filter(position__in=wanted).values_list(
            "position", "hash"
        )
    }
    stored[0] = GENESIS.hex()
    return next((head for head in heads if stored.get(head.position) != head.head), None)


def sentence(gone: Head) -> str:
    return (
        f"The trail was rewritten: on {gone.at} the head at position {gone.position} was "
        f"{gone.head}, which does not stand there any more."
    )

"""Keeps the members' rows in step with what the gateway tells."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import DataError, IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from compliance.members.models import Member, Subject
from monitoring import prepared

log = structlog.get_logger(__name__)
# What psycopg and PostgreSQL say of a value that has no place in its column.
_NOT_FIT = (DataError, IntegrityError, ValueError, OverflowError)
# In SQL for tests/bench/test_decisions.py.
_SUBJECT = "SELECT id FROM members_subject WHERE discord_id = %s"


@dataclass(frozen=True)
class Seen:
    """A member as the gateway shows them."""

    discord_id: int
    username: str
    display_name: str = ""
    joined_at: datetime | None = None
    has_verified_role: bool = False


def seen(
    discord_id: int,
    username: str,
    *,
    display_name: str = "",
    joined_at: datetime | None = None,
    in_guild: bool = True,
    has_verified_role: bool | None = None,
) -> Member:
    """Insert or refresh one member; unknown facts keep what was known before."""
    now = timezone.now()
    facts: dict[str, object] = {
        "username": _storable(username),
        "display_name": _storable(display_name),
        "in_guild": in_guild,
        "seen_at": now,
    }
    if joined_at is not None:
        facts["joined_at"] = joined_at
    if has_verified_role is not None:
        facts["has_verified_role"] = has_verified_role
    if in_guild:
        facts["left_at"] = None
    member, _ = Member.objects.update_or_create(discord_id=discord_id, defaults=facts)
    return member


def seen_many(members: Iterable[Seen]) -> int:
    """Insert or refresh many members in one statement; returns how many.

    One that the database refuses is left out, with a word in the log, and the rest is written.
    """
    rows = [_row(member) for member in members]
    try:
        with transaction.atomic():
            _write(rows)
        return len(rows)
    except _NOT_FIT:
        return sum(_write_alone(row) for row in rows)


def _row(member: Seen) -> Member:
    return Member(
        discord_id=member.discord_id,
        username=_storable(member.username),
        display_name=_storable(member.display_name),
        in_guild=True,
        joined_at=member.joined_at,
        has_verified_role=member.has_verified_role,
        seen_at=timezone.now(),
    )


def _write(rows: list[Member]) -> None:
    Member.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["discord_id"],
        update_fields=[
            "username",
            "display_name",
            "in_guild",
            "joined_at",
            "left_at",
            "has_verified_role",
            "seen_at",
        ],
    )


def _write_alone(row: Member) -> bool:
    try:
        with transaction.atomic():
            _write([row])
    except _NOT_FIT as error:
        log.warning("member_not_fit", error=type(error).__name__)
        return False
    return True


def _storable(name: str) -> str:
    """A name without what PostgreSQL can't hold: NUL, and halves of surrogate pairs."""
    return name.replace("\0", "").encode(errors="ignore").decode()[:64]


def left(discord_id: int) -> None:
    """The member is no longer in the guild. A stranger who leaves changes nothing."""
    Member.objects.filter(Q(in_guild=True) | Q(left_at=None), discord_id=discord_id).update(
        in_guild=False, left_at=timezone.now(), has_verified_role=False
    )


def absent_since(moment: datetime) -> int:
    """Mark as left everybody whom a complete scan that began at `moment` did not see."""
    return Member.objects.filter(in_guild=True, seen_at__lt=moment).update(
        in_guild=False, left_at=timezone.now(), has_verified_role=False
    )


def subject_of(discord_id: int) -> uuid.UUID:
    """The random id under which the audit trail knows this member; made on first use.

    For somebody who is no member (any more) it is a random id that is kept nowhere: an act
    that ends after an erasure must not tie the person to the trail again.
    """
    known: list[tuple[uuid.UUID]] = prepared.rows(_SUBJECT, [discord_id])
    for (subject_id,) in known:
        return subject_id
    with transaction.atomic():
        # An erasure holds this row until nothing of the member is left.
        if not Member.everybody.select_for_update(no_key=True).filter(pk=discord_id).exists():
            return uuid.uuid4()
        subject, _ = Subject.objects.get_or_create(discord_id=discord_id)
    return subject.id

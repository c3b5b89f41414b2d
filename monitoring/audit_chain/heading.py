"""Writes the chain's head down every minute, and looks whether the last one still stands."""

from dataclasses import asdict
from pathlib import Path

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from monitoring.alerts import raising
from monitoring.audit import trail
from monitoring.audit.models import Category, Entry, HeadPlace, Severity
from monitoring.audit_chain import chain, heads, standing
from monitoring.audit_chain.heads import START, Head, HeadsUnreadable, Place

log = structlog.get_logger(__name__)
CHAIN_BROKEN = raising.Kind("AuditChainBroken", "critical", "compliance")
FILE, WEBHOOK = HeadPlace.Name.FILE, HeadPlace.Name.WEBHOOK


def write_down() -> Head | None:
    """Seal what waits and write the head down, also when nothing is new; None when another does.

    When the last line that was written is not in the file any more, or its head or that of the
    file's own last line not in the chain, the alert AuditChainBroken says so. The place then
    stays at the line that is gone, so that verify_audit finds it too. Raises OSError,
    HeadsUnreadable and NumbersUnreadable.
    """
    try:
        with heads.held(settings.AUDIT_HEADS) as descriptor:
            return None if descriptor is None else _write_down(descriptor)
    except (OSError, HeadsUnreadable) as error:
        keep(FILE, place_of(FILE), trouble=str(error))
        raise


def _write_down(descriptor: int) -> Head:
    path, before = settings.AUDIT_HEADS, place_of(FILE)
    changed = heads.why_changed(path, before)
    fault = changed or _why_gone(path, before)
    if fault:
        raise_broken(fault)
    chain.seal_all()
    head = Head(timezone.now().isoformat(timespec="seconds"), **asdict(chain.tail()))
    written = heads.append(descriptor, path, head, before)
    keep(FILE, before if changed else written, trouble=fault, came=True)
    log.info("audit_head", line=written.line, position=head.position, head=head.head)
    return head


def _why_gone(path: Path, place: Place) -> str:
    """Why a head that was written last does not stand any more; "" while they do.

    Both the one at the place and the file's own last one: whoever can cut the trail can move
    the place back as well.
    """
    last = heads.last_place(path)
    found = [heads.head_at(path, one) for one in {place, last or START}]
    try:
        standing.check(head for head in found if head)
    except (standing.ChainBroken, standing.EndsEarly) as why:
        return str(why)
    return ""


def place_of(name: HeadPlace.Name) -> Place:
    row = HeadPlace.objects.filter(name=name).first()
    return Place(row.line, row.line_hash, row.offset) if row else START


def keep(name: HeadPlace.Name, place: Place, *, trouble: str = "", came: bool = False) -> None:
    """How far heads have come there; `came`: a line came there just now."""
    facts = {
        "line": place.line,
        "line_hash": place.hash,
        "offset": place.offset,
        "trouble": trouble[:300],
    }
    now = timezone.now()
    HeadPlace.objects.update_or_create(
        name=name,
        defaults=facts | ({"at": now} if came else {}),
        create_defaults=facts | {"at": now},
    )


def raise_broken(why: str) -> None:
    raising.raise_alert(
        CHAIN_BROKEN, summary="The audit trail is not what was written down", description=why
    )


def newest_set_aside() -> Entry | None:
    """What says that the file of heads was set aside last; None when it never was."""
    return Entry.objects.filter(action="audit.heads_set_aside").order_by("-pk").first()


def set_aside(reason: str) -> str:
    """Rename the file of heads and begin a new one, which carries on its numbers and hashes.

    For a database that was restored from a backup: its newest heads can't stand any more.
    An audit entry says so: without it nothing is renamed. Returns the name of the file that
    was set aside, "" without one. Raises OSError.
    """
    path = settings.AUDIT_HEADS
    with heads.kept_still(path):
        if not path.exists():
            _begin_anew(reason, place_of(FILE), "")
            return ""
        aside = path.with_name(f"{path.stem}-until-{timezone.now():%Y%m%dT%H%M%SZ}{path.suffix}")
        if aside.exists():
            raise FileExistsError(f"{aside} is there already.")
        try:
            with transaction.atomic():
                _begin_anew(reason, _newest(path), aside.name)
                path.rename(aside)
        except BaseException:
            if aside.exists() and not path.exists():
                aside.rename(path)
            raise
    return aside.name


def _newest(path: Path) -> Place:
    """The last line that was written; a writer that was stopped did not tell the database of it."""
    place = place_of(FILE)
    try:
        last = heads.last_place(path) or START
    except HeadsUnreadable:
        return place
    return max(place, last, key=lambda one: one.line)


@transaction.atomic
def _begin_anew(reason: str, before: Place, aside: str) -> None:
    trail.record(
        "audit.heads_set_aside",
        category=Category.TECHNICAL,
        severity=Severity.CRITICAL,
        data={"reason": reason, "line": before.line, "file": aside},
    )
    keep(FILE, Place(before.line, before.hash, 0))
    HeadPlace.objects.filter(name=FILE).update(begins_after=before.line)
    HeadPlace.objects.filter(name=WEBHOOK).update(offset=0)

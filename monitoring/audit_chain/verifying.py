"""Verifies the whole trail: the chain, the heads outside of it, and numbers that are missing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Count, F, Max, Min, Window
from django.db.models.functions import Lead
from django.utils import timezone

from monitoring import policy
from monitoring.alerts import raising
from monitoring.audit.models import Entry, HeadPlace
from monitoring.audit_chain import chain, heading, heads, standing
from monitoring.audit_chain.heads import Head, HeadsChanged
from monitoring.audit_chain.standing import ChainBroken, EndsEarly
from monitoring.maintenance.running import Context


@dataclass(frozen=True)
class Found:
    """That the trail holds: the chain's report, and more in sentences."""

    report: chain.Report
    sentences: list[str] = field(default_factory=list)


def verify(
    processes: int = 1,
    told: Callable[[int, int], None] = lambda done, all: None,
    copy: Path | None = None,
) -> Found:
    """Everything, with the site's own file of heads or a copy that was kept elsewhere.

    Raises ChainBroken, EndsEarly, HeadsUnreadable and NumbersUnreadable. What speaks of the
    trail or of the site's own file raises the alert AuditChainBroken; found whole again, it ends.
    """
    try:
        report = chain.verify(processes, told)
        if report.first_bad_entry is not None:
            raise ChainBroken(
                f"The chain is broken at entry {report.first_bad_entry}: {report.why}. "
                f"{report.sealed} entries before it are as they were sealed."
            )
        sentence, last = _of_the_heads(copy)
    except (ChainBroken, EndsEarly) as why:
        heading.raise_broken(str(why))
        raise
    raising.lower(heading.CHAIN_BROKEN)
    return Found(report, [sentence, *_of_the_numbers(last)])


def run(context: Context) -> None:
    """The daily job: verify everything, then write the head down."""
    context.progress(0, "Walks the chain")
    found = verify(
        told=lambda done, all: context.progress(done * 95 // all, f"{done:,} of {all:,} links")
    )
    for sentence in found.sentences:
        context.line(sentence)
    heading.write_down()
    report = found.report
    context.progress(100, f"Head {report.head} at position {report.sealed:,}")


def _of_the_heads(copy: Path | None) -> tuple[str, int]:
    """What is to be said of the heads, and the last number of the sequence that they name."""
    path: Path = copy or settings.AUDIT_HEADS
    own = None if copy else HeadPlace.objects.filter(name=HeadPlace.Name.FILE).first()
    try:
        if own and (why := heads.why_changed(path, heading.place_of(HeadPlace.Name.FILE))):
            raise HeadsChanged(why)
        found = heads.read(path) if copy or path.exists() else iter(())
        stand = standing.check(_numbered(found, path, own.begins_after) if own else found)
    except HeadsChanged as why:
        raise ChainBroken(str(why)) from why
    if not stand.heads:
        return _without_heads(path), 0
    return f"{stand.heads} heads that were written down stand where they stood.", stand.last


def _without_heads(path: Path) -> str:
    """Raises ChainBroken when there should be one by now."""
    set_aside = heading.newest_set_aside()
    first = set_aside or Entry.objects.order_by("pk").first()
    if first and timezone.now() - first.at > policy.AUDIT_HEAD_OLD:
        raise ChainBroken(
            f"There is no head in {path}, though one should have followed entry {first.pk}, of "
            f"{_moment(first.at)}, within a minute. Heads were removed, or never written."
        )
    since = " since the file of heads was set aside" if set_aside else " yet"
    return f"No head was written down{since}."


def _numbered(found: Iterator[Head], path: Path, begins_after: int) -> Iterator[Head]:
    """The same heads. Raises HeadsChanged when lines at the beginning are gone."""
    for number, head in enumerate(found, start=begins_after + 1):
        if head.line and head.line != number:
            raise HeadsChanged(
                f"The file of heads {path} was cut: line {number} should be where "
                f"line {head.line} is."
            )
        yield head


def _of_the_numbers(named: int) -> list[str]:
    """What is known of numbers of the sequence that no entry has: no proof, but a place to look.

    `named` is the last number that a head names.
    """
    found = []
    followed = Entry.objects.annotate(next=Window(Lead("pk"), order_by="pk"))
    gaps = followed.filter(next__gt=F("pk") + 1).order_by("-pk")
    gap = gaps.values_list("pk", "next").first()
    if gap is not None:
        all_ = Entry.objects.aggregate(first=Min("pk"), last=Max("pk"), count=Count("pk"))
        missing = all_["last"] - all_["first"] + 1 - all_["count"]
        times = Entry.objects.filter(pk__in=gap).aggregate(begin=Min("at"), end=Max("at"))
        found.append(
            f"{missing} numbers have no entry, the newest before entry {gap[1]}, given between "
            f"{_moment(times['begin'])} and {_moment(times['end'])}. Acts that were rolled back "
            "leave such gaps."
        )
    last = chain.last_number()
    if last < named:
        found.append(
            f"The sequence of entries was set back: a head names number {named}, and now its last "
            f"one is {last}."
        )
    newest = Entry.objects.aggregate(newest=Max("pk"))["newest"]
    if newest is not None and (ahead := max(last, named) - newest) > 0:
        found.append(
            f"The newest {ahead} numbers have no entry: their acts are not over, were rolled "
            "back, or their entries were removed within the last minute."
        )
    return found


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")

"""The read side of /inbox/: everything that waits for one person, in bands of time."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Case, CharField, Count, OuterRef, Subquery, Value, When
from django.utils import timezone

from compliance.desk import deadlines, reading, showing
from compliance.desk.models import Claim, Priority, WorkItem, WorkItemQuerySet
from compliance.desk.showing import Facts, Shown
from monitoring.people import Person
from monitoring.tones import Tone
from monitoring.ui import nav, paging

FOLDED = 5  # rows of a band, until it is opened
PAGE = 25
WITHIN = timedelta(hours=1)
BANDS = {
    "past": ("Past due", "past due", "alarm", Tone.CRITICAL),
    "hour": ("Within the hour", "within the hour", "clock-exclamation", Tone.WARN),
    "today": ("Today", "today", "calendar", Tone.MUTED),
    "later": ("Later", "later", "calendar", Tone.MUTED),
}


@dataclass(frozen=True)
class Filters:
    """What the URL asks for; unknown values fall back to showing everything."""

    kind: str = ""
    band: str = ""
    after: str = ""

    @classmethod
    def from_query(cls, query: Any) -> "Filters":
        kind, band = query.get("kind", ""), query.get("band", "")
        return cls(
            kind=kind if kind in {one.claims.kind.name for one in showing.every()} else "",
            band=band if band in BANDS else "",
            after=query.get("after", "")[:200],
        )


@dataclass(frozen=True)
class Row:
    """One line, ready to show."""

    item: WorkItem
    shown: Shown
    facts: Facts
    due: deadlines.Due
    held_by: str  # somebody else's name, or ""
    mine: bool

    @property
    def pk(self) -> int:
        return self.item.pk

    @property
    def address(self) -> str:
        return self.shown.address(self.item.subject)

    @property
    def priority(self) -> str:
        """A word where waiting does more harm than usual, or ""."""
        return Priority(self.item.priority).label if self.item.priority > Priority.MEDIUM else ""


@dataclass(frozen=True)
class Band:
    """What is due in one stretch of time: the first rows, and how many there are by kind."""

    name: str
    title: str
    words: str
    icon: str
    tone: Tone
    rows: list[Row]
    counts: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def rest(self) -> int:
        return max(0, self.total - len(self.rows))

    @property
    def rest_in_words(self) -> str:
        """`11 verifications, 1 appeal`: what is folded away."""
        left = dict(self.counts)
        for row in self.rows:
            left[row.item.kind] = left.get(row.item.kind, 0) - 1
        return in_words(left)


@dataclass(frozen=True)
class Inbox:
    """Everything that waits for one person, as far as it is unfolded."""

    bands: list[Band]
    counts: dict[str, int]  # by kind, under no filter
    left_out: str  # what others decide, in a sentence, or ""
    next: str = ""  # the cursor of the next page of an unfolded band
    version: str = field(default="", compare=False)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def rows(self) -> list[Row]:
        return [row for band in self.bands for row in band.rows]


def of(person: Person, filters: Filters) -> Inbox:
    """What waits for this person, the soonest deadline first."""
    now = timezone.now()
    found = reading.waiting_for(person)
    counts = _counts(found, now)
    rows_of: dict[str, list[WorkItem]] = {}
    following = ""
    chosen = found.filter(kind=filters.kind) if filters.kind else found
    for name in [filters.band] if filters.band else list(BANDS):
        if not any(of_kind.get(name) for of_kind in counts.values()):
            continue
        of_band = _with_holder(_between(chosen, name, now))
        if filters.band:
            page = paging.page(of_band, "due_at", "id", after=filters.after, size=PAGE)
            rows_of[name], following = page.rows, page.next
        else:
            rows_of[name] = list(of_band.by_deadline()[:FOLDED])
    rows = _rows([item for items in rows_of.values() for item in items], person, now)
    bands = [
        Band(
            name, title, words, icon, tone,
            [rows[item.pk] for item in rows_of[name] if item.pk in rows],
            {
                kind: of_kind[name]
                for kind, of_kind in counts.items()
                if of_kind.get(name) and filters.kind in ("", kind)
            },
        )
        for name, (title, words, icon, tone) in BANDS.items()
        if rows_of.get(name)
    ]  # fmt: skip
    by_kind = {kind: sum(of_kind.values()) for kind, of_kind in counts.items()}
    made = Inbox(bands, by_kind, _left_out(person), following)
    return Inbox(made.bands, made.counts, made.left_out, made.next, _version(made))


def counted(person: Person) -> dict[str, int]:
    """How many wait for this person, by kind; kept for some seconds."""
    name = f"desk.counted.{person.pk}"
    kept: dict[str, int] | None = cache.get(name)
    if kept is None:
        found = reading.waiting_for(person).order_by().values_list("kind")
        kept = dict(found.annotate(number=Count("pk")))
        cache.set(name, kept, nav.KEPT_OWN.total_seconds())
    return kept


def one(person: Person, item_id: int) -> Row | None:
    """One item that waits for this person, with its facts; None when it does not any more."""
    item = _with_holder(reading.waiting_for(person).filter(pk=item_id)).first()
    if item is None:
        return None
    return _rows([item], person, timezone.now()).get(item.pk)


def after(person: Person, row: Row, kind: str) -> Row | None:
    """The one that comes next in the list; None behind the last."""
    found = reading.waiting_for(person)
    if kind:
        found = found.filter(kind=kind)
    place = paging.cursor(row.item, "due_at", "id")
    rest = paging.page(_with_holder(found), "due_at", "id", after=place, size=1).rows
    return _rows(rest, person, timezone.now()).get(rest[0].pk) if rest else None


def in_words(counts: dict[str, int]) -> str:
    """`3 verifications, 1 appeal`."""
    numbers = ((shown, counts.get(shown.claims.kind.name, 0)) for shown in showing.every())
    return ", ".join(
        f"{number:,} {shown.one if number == 1 else shown.many}"
        for shown, number in numbers
        if number > 0
    )


def _left_out(person: Person) -> str:
    counts = reading.about_own_decisions(person)
    if not counts:
        return ""
    total = sum(counts.values())
    about = "is about a decision of yours" if total == 1 else "are about decisions of yours"
    return f"{in_words(counts)} more {about}: somebody else decides."


def _counts(found: WorkItemQuerySet, now: datetime) -> dict[str, dict[str, int]]:
    """By kind, and by band of time."""
    ends = _ends(now)
    band = Case(
        *(When(due_at__lt=ends[name], then=Value(name)) for name in BANDS if name in ends),
        default=Value("later"),
        output_field=CharField(),
    )
    counted = found.order_by().annotate(band=band).values_list("kind", "band")
    counts: dict[str, dict[str, int]] = {}
    for kind, name, number in counted.annotate(number=Count("pk")):
        counts.setdefault(kind, {})[name] = number
    return counts


def _between(found: WorkItemQuerySet, band: str, now: datetime) -> WorkItemQuerySet:
    ends, names = _ends(now), list(BANDS)
    before = names[names.index(band) - 1] if band != "past" else ""
    if before:
        found = found.filter(due_at__gte=ends[before])
    return found.filter(due_at__lt=ends[band]) if band in ends else found


def _ends(now: datetime) -> dict[str, datetime]:
    """Until when each band goes; today is the reader's."""
    local = timezone.localtime(now)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    hour = now + WITHIN
    return {"past": now, "hour": hour, "today": max(midnight, hour)}


def _with_holder(found: WorkItemQuerySet) -> WorkItemQuerySet:
    holder = Claim.objects.filter(item=OuterRef("pk")).running()
    return found.annotate(
        holder_id=Subquery(holder.values("moderator_id")[:1]),
        holder_name=Subquery(holder.values("moderator__username")[:1]),
    )


def _rows(items: Sequence[Any], person: Person, now: datetime) -> dict[int, Row]:
    """By key of the item; each kind is asked once for the facts of all of its own."""
    of_kind: dict[str, list[Any]] = {}
    for item in items:
        of_kind.setdefault(item.kind, []).append(item)
    rows = {}
    for kind, found in of_kind.items():
        shown = showing.of(kind)
        facts = shown.facts(found, person)
        for item in found:
            if item.subject not in facts:
                continue
            mine = item.holder_id == person.pk
            rows[item.pk] = Row(
                item=item,
                shown=shown,
                facts=facts[item.subject],
                due=deadlines.of(item.opened_at, item.due_at, now),
                held_by="" if mine else item.holder_name or "",
                mine=mine,
            )
    return rows


def _version(found: Inbox) -> str:
    """Changes exactly when the list looks different."""
    seen = [
        (
            band.name,
            band.counts,
            [(row.pk, row.held_by, row.mine, row.facts, row.due.words) for row in band.rows],
        )
        for band in found.bands
    ]
    looks = repr((seen, found.counts, found.left_out, found.next)).encode()
    return hashlib.sha256(looks).hexdigest()[:16]

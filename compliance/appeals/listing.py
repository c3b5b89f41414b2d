"""The read side of /appeals/: lists by keyset, and what waits for whom."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower

from compliance.appeals.models import Appeal, AppealQuerySet
from compliance.members import blinds
from compliance.members.models import Member

PAGE = 50
TABS = {"open": "Open", "decided": "Decided"}


@dataclass(frozen=True)
class Filters:
    """What the URL asks for; unknown values fall back to the open ones."""

    show: str = "open"
    text: str = ""
    cursor: int | None = None

    @classmethod
    def from_query(cls, query: Any) -> "Filters":
        show, cursor = query.get("show", "open"), query.get("cursor", "")
        return cls(
            show=show if show in TABS else "open",
            text=query.get("q", "").replace("\x00", "").strip()[:64],
            cursor=int(cursor) if cursor.isdecimal() and len(cursor) < 19 else None,
        )


def visible_to(staff: Any) -> AppealQuerySet:
    """Without those whose denial this person must not know yet (a blind second review)."""
    blind = blinds.member_ids(staff)
    found = Appeal.objects.all()
    return found.exclude(member_id__in=blind) if blind else found


def waiting_for(staff: Any) -> AppealQuerySet:
    """Open appeals that this person may decide."""
    found = visible_to(staff).open().exclude(decision_by=staff)
    return found.exclude(member_id=staff.discord_id) if staff.discord_id is not None else found


def page(filters: Filters, staff: Any) -> tuple[list[Appeal], int | None]:
    """Open ones the oldest first, decided ones the newest first; and the next cursor."""
    found = visible_to(staff).select_related("member", "decision", "decision_by", "decided_by")
    if filters.text:
        found = found.filter(_matches(filters.text))
    if filters.show == "decided":
        found = found.decided().order_by("-pk")
        if filters.cursor is not None:
            found = found.filter(pk__lt=filters.cursor)
    else:
        found = found.open().order_by("pk")
        if filters.cursor is not None:
            found = found.filter(pk__gt=filters.cursor)
    rows = list(found[: PAGE + 1])
    return rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None


def _matches(text: str) -> Q:
    if text.isdecimal() and len(text) < 20:
        return Q(member_id=int(text))
    members = Member.objects.annotate(lowered=Lower("username"))
    return Q(member__in=members.filter(lowered__startswith=text.lower()))

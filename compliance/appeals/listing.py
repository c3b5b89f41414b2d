"""The read side of /appeals/: lists by keyset, and what waits for whom."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone

from compliance import policy
from compliance.appeals.models import Appeal, AppealQuerySet, AppealState
from compliance.desk import undoing
from compliance.members import blinds, names
from compliance.members.models import Member
from monitoring.people import Person
from monitoring.ui import paging

PAGE = 50
_UNDO_WORDS = {
    AppealState.UPHELD: "Upheld the denial of {}. Message follows in",
    AppealState.GRANTED: "Let {} send again. Message follows in",
    AppealState.MOOT: "Closed the appeal of {}. Final in",
}
TABS = {"open": "Open", "decided": "Decided"}


@dataclass(frozen=True)
class Filters:
    """What the URL asks for; unknown values fall back to the open ones."""

    show: str = "open"
    text: str = ""
    after: str = ""

    @classmethod
    def from_query(cls, query: Any) -> "Filters":
        show = query.get("show", "open")
        return cls(
            show=show if show in TABS else "open",
            text=query.get("q", "").replace("\x00", "").strip()[:64],
            after=query.get("after", ""),
        )


def visible_to(staff: Person) -> AppealQuerySet:
    """Without those whose denial this person must not know yet (a blind second review)."""
    blind = blinds.member_ids(staff)
    found = Appeal.objects.all()
    return found.exclude(member_id__in=blind) if blind else found


def undoable_by(staff: Person) -> list[undoing.Undoable]:
    """What this person decided and can take back; an override is listed as the decision it is."""
    now = timezone.now()
    found = Appeal.objects.filter(
        decided_by=staff, decided_at__gt=now - policy.UNDO_WINDOW, undo_until__gt=now,
        override__isnull=True,
    ).select_related("member")  # fmt: skip
    return [
        undoing.Undoable(
            _UNDO_WORDS[AppealState(appeal.state)].format(appeal.member),
            appeal.undo_until,
            reverse("appeal_undo", args=[appeal.pk]),
        )
        for appeal in found
        if appeal.undo_until is not None
    ]


def page(filters: Filters, staff: Person) -> paging.Page[Appeal]:
    """Open ones the oldest first, decided ones the newest first."""
    found = visible_to(staff).select_related("member", "decision__decided_by", "decided_by")
    if filters.text:
        found = found.filter(member__in=Member.objects.filter(names.matching(filters.text)))
    decided = filters.show == "decided"
    found = found.decided() if decided else found.open()
    return paging.page(found, "-pk" if decided else "pk", after=filters.after, size=PAGE)

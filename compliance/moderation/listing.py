"""The read side of cases: the list by keyset, one member's, and what one can take back."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from compliance import policy
from compliance.desk import relations, undoing
from compliance.effects.models import Effect, EffectState
from compliance.members import names
from compliance.members.models import Member
from compliance.moderation import reasons
from compliance.moderation.models import Case, Kind, Severity
from monitoring.people import Person
from monitoring.tones import Tone
from monitoring.ui import paging

PAGE = 50
ON_MEMBER_PAGE = 20
TONES = {
    Severity.LOW: Tone.MUTED,
    Severity.MEDIUM: Tone.INFO,
    Severity.HIGH: Tone.WARN,
    Severity.CRITICAL: Tone.CRITICAL,
}
ICONS = {Kind.NOTE: "message-circle", Kind.WARNING: "alert-triangle"}


@dataclass(frozen=True)
class Filters:
    """What the URL asks for; unknown values show everything."""

    kind: str = ""
    reason: str = ""
    mine: bool = False
    text: str = ""
    after: str = ""

    @classmethod
    def from_query(cls, query: Any) -> "Filters":
        kind, reason = query.get("kind", ""), query.get("reason", "")
        return cls(
            kind=kind if kind in Kind.values else "",
            reason=reason if reason in reasons.everything() else "",
            mine=query.get("show", "") == "mine",
            text=query.get("q", "").replace("\x00", "").strip()[:64],
            after=query.get("after", ""),
        )

    @property
    def any(self) -> bool:
        return bool(self.kind or self.reason or self.text)


@dataclass(frozen=True)
class Row:
    """One line of a list of cases."""

    case: Case
    reason: str
    tone: str
    icon: str
    ended: str  # "" while it stands


def page(filters: Filters, reader: Person) -> paging.Page[Case]:
    """The newest first."""
    found: QuerySet[Case] = Case.objects.select_related("member", "by", "overruling")
    if filters.kind:
        found = found.filter(kind=filters.kind)
    if filters.reason:
        found = found.filter(reason=filters.reason)
    if filters.mine:
        found = found.filter(by=reader)
    if filters.text:
        found = found.filter(member__in=Member.objects.filter(names.matching(filters.text)))
    return paging.page(found, "-number", after=filters.after, size=PAGE)


def row_of(case: Case) -> Row:
    return Row(
        case=case,
        reason=reasons.get(case.reason).label,
        tone=TONES[Severity(case.severity)],
        icon=ICONS[Kind(case.kind)],
        ended=ended(case),
    )


def ended(case: Case) -> str:
    """Why it does not stand any more, in a word or two."""
    overruling = getattr(case, "overruling", None)
    if overruling is None:
        return ""
    return "taken back" if overruling.is_slip else "overruled"


def on_member_page(reader: Person, member: Member) -> dict[str, Any] | None:
    """The newest cases of a member, and the form for another one."""
    if not reader.has_perm("cases.view"):
        return None
    found = Case.objects.of(member.pk).select_related("by", "overruling").order_by("-number")
    cases = list(found[: ON_MEMBER_PAGE + 1])
    is_own = relations.is_own(reader, member.pk)
    return {
        "rows": [row_of(case) for case in cases[:ON_MEMBER_PAGE]],
        "more": len(cases) > ON_MEMBER_PAGE,
        "member": member,
        "is_own": is_own,
        "may_record": reader.has_perm("cases.record") and not is_own and not member.made_up,
    }


def effects_of(case: Case) -> list[Effect]:
    """What it wants in Discord, and what became of that; not what newer words took the place of."""
    causes = [case.cause, f"{case.cause}:overruled"]
    found = Effect.objects.filter(cause__in=causes).exclude(state=EffectState.SUPERSEDED)
    return list(found.order_by("id"))


def undoable_by(staff: Person) -> list[undoing.Undoable]:
    """What this person recorded and can take back."""
    now = timezone.now()
    found = Case.objects.standing().filter(
        by=staff, decided_at__gt=now - policy.UNDO_WINDOW, undo_until__gt=now
    ).select_related("member")  # fmt: skip
    return [
        undoing.Undoable(
            f"Recorded case {case.number} about {case.member}. Final in",
            case.undo_until,
            reverse("case_take_back", args=[case.number]),
        )
        for case in found
    ]

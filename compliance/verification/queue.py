"""The read side of the desk: tabs, rows and one item, with few queries and no OFFSET."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Min, OuterRef, Q, Subquery
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from compliance import policy
from compliance.members.models import Member
from compliance.verification import assignment
from compliance.verification.models import (
    Claim,
    Decision,
    Escalation,
    Evidence,
    RequestQuerySet,
    VerificationRequest,
)
from compliance.verification.states import REVIEWABLE, Method, State
from monitoring.tones import Tone
from monitoring.ui.words import duration

PAGE = 30
COUNT_AT_MOST = 1000
DISCORD_EPOCH_MS = 1_420_070_400_000
TABS = {"open": "Open", "mine": "Mine", "overdue": "Overdue", "escalated": "Escalated"}
METHOD_ICONS = {
    Method.ID_DOCUMENT: "id-badge-2",
    Method.IN_PERSON: "user-check",
    Method.PROVIDER: "shield-check",
}


@dataclass(frozen=True)
class Filters:
    """What the URL asks for; unknown values fall back to showing everything."""

    tab: str = "open"
    method: str = ""
    text: str = ""
    after: str = ""

    @classmethod
    def from_query(cls, query: Any) -> "Filters":
        tab, method = query.get("tab", "open"), query.get("method", "")
        return cls(
            tab=tab if tab in TABS else "open",
            method=method if method in Method.values else "",
            text=query.get("q", "").strip()[:64],
            after=query.get("after", "")[:100],
        )


@dataclass(frozen=True)
class Row:
    """One line of the list, ready to show."""

    request: VerificationRequest
    member: Member
    method_icon: str
    account_age: timedelta
    waited: timedelta
    tone: str
    due_words: str
    share: int  # of the review target used up, 0 to 100
    earlier: int
    held_by: str  # another moderator's name, or ""
    mine: bool


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    next_cursor: str


def counts(moderator: Any) -> list[tuple[str, str, str]]:
    """(tab, title, count) for each tab, in one query; counting stops at 999+."""
    selects: list[str] = []
    parameters: list[Any] = []
    for tab in TABS:
        sql, values = _tab(tab, moderator).values("pk")[:COUNT_AT_MOST].query.sql_with_params()
        selects.append(f"(SELECT count(*) FROM ({sql}) bounded)")  # noqa: S608
        parameters += values
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(selects)}", parameters)
        numbers = cursor.fetchone()
    return [
        (tab, title, "999+" if number >= COUNT_AT_MOST else str(number))
        for (tab, title), number in zip(TABS.items(), numbers, strict=True)
    ]


def page(filters: Filters, moderator: Any) -> Page:
    """One page, oldest deadline first, by keyset on (due_at, id)."""
    found = _tab(filters.tab, moderator).select_related("member")
    if filters.method:
        found = found.filter(method=filters.method)
    if filters.text:
        found = found.filter(_matches(filters.text))
    cursor = _read_cursor(filters.after)
    if cursor:
        found = found.filter(_after(*cursor))
    shown: list[Any] = list(_with_holder(found.by_deadline())[: PAGE + 1])
    more, shown = len(shown) > PAGE, shown[:PAGE]
    earlier = _earlier([request.member_id for request in shown])
    rows = [
        _row(request, earlier, moderator, request.holder_id, request.holder_name)
        for request in shown
    ]
    return Page(rows, _cursor(shown[-1]) if more and shown else "")


@dataclass(frozen=True)
class Figures:
    """How the queue stands; each number counts requests that wait for a review."""

    pending: int  # claimed or not
    claimed: int  # held by somebody under a lease that has not ended
    escalated: int
    overdue: int
    oldest: timedelta  # since the first submission of the oldest one; zero when nobody waits


def figures() -> Figures:
    now = timezone.now()
    found = (
        VerificationRequest.objects.reviewable()
        .order_by()
        .aggregate(
            pending=Count("pk", filter=Q(state=State.PENDING)),
            escalated=Count("pk", filter=Q(state=State.ESCALATED)),
            overdue=Count("pk", filter=Q(due_at__lt=now)),
            since=Min("submitted_at"),
        )
    )
    held = Claim.objects.filter(
        request__state__in=REVIEWABLE, ended_at__isnull=True, expires_at__gt=Now()
    )
    return Figures(
        pending=found["pending"],
        claimed=held.count(),
        escalated=found["escalated"],
        overdue=found["overdue"],
        oldest=max(now - found["since"], timedelta(0)) if found["since"] else timedelta(0),
    )


class DamagedCursor(ValueError):
    """A place in the list that no page has given."""


def waiting(after: str, limit: int) -> tuple[list[Any], str]:
    """Up to `limit` requests that wait, oldest deadline first, and the cursor of the next ones.

    Each request has `holder_name`, who holds it, or None. The cursor is "" at the end. Raises
    DamagedCursor.
    """
    found = VerificationRequest.objects.reviewable()
    if after:
        cursor = _read_cursor(after)
        if cursor is None:
            raise DamagedCursor(after)
        found = found.filter(_after(*cursor))
    shown: list[Any] = list(_with_holder(found.by_deadline())[: limit + 1])
    more, shown = len(shown) > limit, shown[:limit]
    return shown, _cursor(shown[-1]) if more else ""


@dataclass(frozen=True)
class Item:
    """Everything the evidence and decision columns show; never the picture itself."""

    row: Row
    pictures: list[Evidence]
    claim: Claim | None  # any open claim
    is_mine: bool
    decision: Decision | None  # the standing one
    earlier: list[tuple[str, int]]
    destroyed_at_latest: datetime | None
    escalation: Escalation | None = None
    may_claim: bool = True

    @property
    def request(self) -> VerificationRequest:
        return self.row.request

    @property
    def reviewable(self) -> bool:
        return self.request.state in REVIEWABLE


def item(request_id: int, moderator: Any) -> Item | None:
    """One request with its facts, or None when there is none of that id."""
    request = (
        VerificationRequest.objects.select_related("member", "consent")
        .filter(pk=request_id)
        .first()
    )
    if request is None:
        return None
    claim = (
        Claim.objects.select_related("moderator")
        .filter(request=request, ended_at__isnull=True, expires_at__gt=Now())
        .first()
    )
    mine = claim is not None and claim.moderator_id == moderator.pk
    pictures = list(
        request.evidence.filter(destroyed_at__isnull=True, position__lte=2).order_by("position")
    )
    decision = (
        request.decisions.filter(standing=True).select_related("decided_by").order_by("-pk").first()
    )
    history = list(
        VerificationRequest.objects.filter(member_id=request.member_id, pk__lt=request.pk)
        .order_by()
        .values_list("state")
        .annotate(n=Count("pk"))
    )
    return Item(
        row=_row(
            request,
            {request.member_id: sum(n for _, n in history)},
            moderator,
            claim.moderator_id if claim else None,
            str(claim.moderator) if claim else "",
        ),
        pictures=pictures,
        claim=claim,
        is_mine=mine,
        decision=decision,
        earlier=[(State(state).label.lower(), n) for state, n in history],
        destroyed_at_latest=min((p.destroy_at for p in pictures), default=None),
        escalation=assignment.current(request),
        may_claim=assignment.may_decide(request, moderator),
    )


def version_of(found: Page, totals: list[tuple[str, str, str]]) -> str:
    """Changes exactly when the list looks different, minutes aside."""
    seen = [(row.request.pk, row.request.version, row.held_by, row.tone) for row in found.rows]
    looks = repr((seen, totals, found.next_cursor)).encode()
    return hashlib.sha256(looks).hexdigest()[:16]


def _tab(tab: str, moderator: Any) -> RequestQuerySet:
    found = VerificationRequest.objects.reviewable()
    if tab == "mine":
        held = Claim.objects.filter(
            moderator=moderator, ended_at__isnull=True, expires_at__gt=Now()
        )
        return found.filter(claims__in=held)
    if tab == "overdue":
        return found.filter(due_at__lt=timezone.now())
    if tab == "escalated":
        return VerificationRequest.objects.filter(state=State.ESCALATED)
    return found


def _matches(text: str) -> Q:
    if text.isdecimal() and len(text) < 20:
        return Q(member_id=int(text))
    members = Member.objects.annotate(lowered=Lower("username")).filter(
        lowered__startswith=text.lower()
    )
    return Q(member__in=members)


def _earlier(member_ids: list[int]) -> dict[int, int]:
    """How many requests each of these members has made in all."""
    return dict(
        VerificationRequest.objects.filter(member_id__in=member_ids)
        .order_by()
        .values_list("member_id")
        .annotate(n=Count("pk") - 1)
    )


def _row(
    request: VerificationRequest,
    earlier: dict[int, int],
    moderator: Any,
    holder_id: int | None,
    holder_name: str | None,
) -> Row:
    now = timezone.now()
    since = request.submitted_at or request.opened_at
    tone, due_words = _urgency(request, now)
    return Row(
        request=request,
        member=request.member,
        method_icon=METHOD_ICONS[Method(request.method)],
        account_age=now - account_created_at(request.member_id),
        waited=now - since,
        tone=tone,
        due_words=due_words,
        share=min(100, int((now - since) / policy.REVIEW_TARGET * 100)),
        earlier=earlier.get(request.member_id, 0),
        held_by=(holder_name or "") if holder_id and holder_id != moderator.pk else "",
        mine=holder_id == moderator.pk,
    )


def _urgency(request: VerificationRequest, now: datetime) -> tuple[str, str]:
    if request.due_at is None or request.state not in REVIEWABLE:
        return Tone.MUTED, ""
    if request.due_at < now:
        return Tone.CRITICAL, f"{duration(now - request.due_at)} overdue"
    if request.due_at - now < policy.DUE_SOON:
        return Tone.WARN, f"due in {duration(request.due_at - now)}"
    return Tone.MUTED, ""


def account_created_at(snowflake: int) -> datetime:
    """When Discord made the account: a snowflake holds the time of its making."""
    milliseconds = (snowflake >> 22) + DISCORD_EPOCH_MS
    return datetime.fromtimestamp(milliseconds / 1000, tz=timezone.get_current_timezone())


def _after(due_at: datetime, pk: int) -> Q:
    return Q(Q(due_at__gt=due_at) | Q(due_at=due_at, pk__gt=pk), due_at__gte=due_at)


def _with_holder(found: RequestQuerySet) -> RequestQuerySet:
    """Adds who holds each request, `holder_id` and `holder_name`."""
    holder = Claim.objects.filter(
        request=OuterRef("pk"), ended_at__isnull=True, expires_at__gt=Now()
    )
    return found.annotate(
        holder_id=Subquery(holder.values("moderator_id")[:1]),
        holder_name=Subquery(holder.values("moderator__username")[:1]),
    )


def _cursor(request: VerificationRequest) -> str:
    assert request.due_at is not None
    raw = f"{request.due_at.isoformat()}|{request.pk}"
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def _read_cursor(text: str) -> tuple[datetime, int] | None:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        moment, pk = raw.split("|")
        due_at = parse_datetime(moment)
        return (due_at, int(pk)) if due_at and due_at.tzinfo else None
    except (ValueError, binascii.Error, UnicodeDecodeError):
        return None

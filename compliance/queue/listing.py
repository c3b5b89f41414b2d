"""The read side of the desk: tabs, rows and one item, with few queries and no OFFSET."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Min, OuterRef, Q, Subquery
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from compliance import policy
from compliance.desk import deadlines
from compliance.desk.models import Claim
from compliance.members import blinds, names, snowflakes
from compliance.members.models import Member
from compliance.verification import requests
from compliance.verification.claims import KIND
from compliance.verification.models import RequestQuerySet, VerificationRequest
from compliance.verification.states import AWAITS_MEMBER, REVIEWABLE, UNFINISHED, Method, State
from monitoring.people import Person
from monitoring.tones import Tone
from monitoring.ui import paging, params

PAGE = 25
COUNT_AT_MOST = 1000
_MODERATOR = -1  # a stand-in: no such id is in the database
TABS = {"open": "Open", "mine": "Mine", "overdue": "Overdue", "escalated": "Escalated"}
FILTERED_BY = frozenset({"tab", "state", "method", "q", "after"})
METHOD_ICONS = {
    Method.ID_DOCUMENT: "id-badge-2",
    Method.IN_PERSON: "user-check",
    Method.PROVIDER: "shield-check",
}


@dataclass(frozen=True)
class Filters:
    """What the URL asks for, all at once; unknown values fall back to showing everything."""

    tab: str = "open"
    state: str = ""
    method: str = ""
    text: str = ""
    after: str = ""

    @classmethod
    def from_query(cls, query: Any) -> "Filters":
        tab, state, method = (query.get(name, "") for name in ("tab", "state", "method"))
        return cls(
            tab=tab if tab in TABS else "open",
            state=state if state in UNFINISHED else "",
            method=method if method in Method.values else "",
            text=query.get("q", "").strip()[:64],
            after=query.get("after", "")[:100],
        )

    def as_query(self) -> str:
        """`?tab=…&q=…`, with what differs from showing everything; without the place in it."""
        named = {
            "tab": "" if self.tab == "open" else self.tab,
            "state": self.state,
            "method": self.method,
            "q": self.text,
        }
        given = {name: value for name, value in named.items() if value}
        return f"?{urlencode(given)}" if given else ""

    @property
    def in_words(self) -> str:
        """What is shown of the tab, or "" when it is everything."""
        parts = [
            State(self.state).label.lower() if self.state else "",
            Method(self.method).label.lower() if self.method else "",
            f"“{self.text}”" if self.text else "",
        ]
        return ", ".join(part for part in parts if part)


EVERYTHING = Filters()


@dataclass(frozen=True)
class Row:
    """One line of the list, ready to show: plain values, since there are many on a page."""

    request: VerificationRequest
    member: Member
    url: str
    method: str
    method_icon: str
    account_age: timedelta
    waited: timedelta
    tone: str
    due_words: str
    share: int  # of the review target used up, 0 to 100
    earlier: int
    held_by: str  # another moderator's name, or ""
    mine: bool

    @property
    def pk(self) -> int:
        return self.request.pk

    @property
    def state(self) -> str:
        return self.request.state

    @property
    def state_words(self) -> str:
        return str(State(self.request.state).label)

    @property
    def is_plain(self) -> bool:
        """Nothing has to be said of it in chips, so there is room for words."""
        return self._chips == 0

    @property
    def is_crowded(self) -> bool:
        """It has several chips, beside which words have no room."""
        return self._chips > 1

    @property
    def _chips(self) -> int:
        odd = self.request.state != State.PENDING
        return sum(map(bool, (self.due_words, self.held_by or self.mine, odd, self.earlier)))

    @property
    def may_be_claimed(self) -> bool:
        """Nobody else holds it, and it waits for a review."""
        return not self.held_by and self.request.state in REVIEWABLE


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    next_cursor: str


def counts(moderator: Person, filters: Filters = EVERYTHING) -> list[tuple[str, str, str]]:
    """(tab, title, count) for each tab under the other filters, in one query; stops at 999+."""
    others = replace(filters, tab="open", after="")
    # In SQL for tests/bench/test_queue.py: the querysets' own, in one statement that is built once.
    # What somebody searches for is of no use to the next reader.
    sql, values = (_counts_sql.__wrapped__ if filters.text else _counts_sql)(others)
    with connection.cursor() as cursor:
        cursor.execute(sql, [moderator.pk if value == _MODERATOR else value for value in values])
        numbers = cursor.fetchone()
    return [
        (tab, title, "999+" if number >= COUNT_AT_MOST else str(number))
        for (tab, title), number in zip(TABS.items(), numbers, strict=True)
    ]


@cache
def _counts_sql(filters: Filters) -> tuple[str, tuple[Any, ...]]:
    """The statement for these filters with a stand-in for the moderator: it is built once."""
    selects: list[str] = []
    parameters: list[Any] = []
    for tab in TABS:
        found = matching(replace(filters, tab=tab), _MODERATOR)
        try:
            sql, values = found.values("pk")[:COUNT_AT_MOST].query.sql_with_params()
        except EmptyResultSet:  # such as an id that no row can have
            sql, values = "SELECT 1 WHERE false", ()
        selects.append(f"(SELECT count(*) FROM ({sql}) bounded)")  # noqa: S608
        parameters += values
    return f"SELECT {', '.join(selects)}", tuple(parameters)


def page(filters: Filters, moderator: Person) -> Page:
    """One page, oldest deadline first, by keyset on (deadline, id).

    The deadline is the review's, or where the member is waited for, the end of that.
    """
    found = _with_holder(in_order(filters, moderator).select_related("member"))
    listed = paging.page(found, _deadline(filters), "id", after=filters.after, size=PAGE)
    shown: list[Any] = listed.rows
    earlier = requests.earlier_of([request.member_id for request in shown])
    rows = [
        row_of(request, earlier, moderator, request.holder_id, request.holder_name)
        for request in shown
    ]
    return Page(rows, listed.next)


def in_order(filters: Filters, moderator: Person) -> RequestQuerySet:
    """Every request that fits, oldest deadline first.

    Of what was asked for more, what this person must stay blind for is left out: its state is
    the decision.
    """
    found = matching(filters, moderator).order_by(_deadline(filters), "id")
    if filters.state == State.MORE_REQUESTED and (blind := blinds.member_ids(moderator)):
        found = found.exclude(member_id__in=blind)
    return found


def matching(filters: Filters, moderator: Person | int | None) -> RequestQuerySet:
    """Every request that fits, unordered and without a place in the list; for a person or their
    key, or None for the tabs that are the same for all."""
    found = _tab(filters.tab, moderator)
    if filters.state:
        of_member = filters.state in AWAITS_MEMBER and filters.tab == "open"
        found = VerificationRequest.objects.all() if of_member else found
        found = found.filter(state=filters.state)
    if filters.method:
        found = found.filter(method=filters.method)
    if filters.text:
        found = found.filter(_matches(filters.text))
    return found


@dataclass(frozen=True)
class Figures:
    """How the queue stands; each number counts requests that wait for a review."""

    pending: int  # claimed or not
    claimed: int  # held by somebody under a lease that has not ended
    escalated: int
    overdue: int
    oldest: timedelta  # since the first submission of the oldest one; zero when nobody waits


def figures() -> Figures:
    """For programs. What waits here waits at the desk, and for the gauges: nothing is left out."""
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
    held = Claim.objects.running().filter(item__kind=KIND.name, item__closed_at__isnull=True)
    return Figures(
        pending=found["pending"],
        claimed=held.count(),
        escalated=found["escalated"],
        overdue=found["overdue"],
        oldest=max(now - found["since"], timedelta(0)) if found["since"] else timedelta(0),
    )


def waiting(after: str, limit: int) -> tuple[list[Any], str]:
    """Up to `limit` requests that wait, oldest deadline first, and the cursor of the next ones.

    Each request has `holder_name`, who holds it, or None. The cursor is "" at the end. Raises
    paging.DamagedCursor. They are those of the desk, practice cases too: whoever compares the two
    must not find out which those are.
    """
    found = _with_holder(matching(EVERYTHING, None).by_deadline())
    listed = paging.page(found, "due_at", "id", after=after, size=limit, strict=True)
    return listed.rows, listed.next


def version_of(found: Page, totals: list[tuple[str, str, str]]) -> str:
    """Changes exactly when the list looks different, minutes aside."""
    seen = [
        (row.request.pk, row.request.version, row.held_by, row.mine, row.tone) for row in found.rows
    ]
    looks = repr((seen, totals, found.next_cursor)).encode()
    return hashlib.sha256(looks).hexdigest()[:16]


def _tab(tab: str, moderator: Person | int | None) -> RequestQuerySet:
    found = VerificationRequest.objects.reviewable()
    if tab == "mine":
        held = Claim.objects.running().filter(moderator=moderator, item__kind=KIND.name)
        return found.filter(pk__in=held.values("item__subject"))
    if tab == "overdue":
        return found.filter(due_at__lt=Now())
    if tab == "escalated":
        return VerificationRequest.objects.filter(state=State.ESCALATED)
    return found


def _matches(text: str) -> Q:
    found = Q(member__in=Member.everybody.filter(names.matching(text)))
    if (number := params.whole(text)) is not None:
        found |= Q(pk=number)
    return found


def row_of(
    request: VerificationRequest,
    earlier: dict[int, int],
    moderator: Person,
    holder_id: int | None,
    holder_name: str | None,
) -> Row:
    now = timezone.now()
    since = request.submitted_at or request.opened_at
    tone, due_words = _urgency(request, now)
    return Row(
        request=request,
        member=request.member,
        url=f"{reverse('queue')}{request.pk}/",  # queue_item; reverse() a row would cost more
        method=str(Method(request.method).label),
        method_icon=METHOD_ICONS[Method(request.method)],
        account_age=now - snowflakes.made_at(request.member_id),
        waited=now - since,
        tone=tone,
        due_words=due_words,
        share=min(100, int((now - since) / policy.REVIEW_TARGETS[request.method] * 100)),
        earlier=earlier.get(request.member_id, 0),
        held_by=(holder_name or "") if holder_id and holder_id != moderator.pk else "",
        mine=holder_id == moderator.pk,
    )


def _urgency(request: VerificationRequest, now: datetime) -> tuple[str, str]:
    if request.due_at is None or request.state not in REVIEWABLE:
        return Tone.MUTED, ""
    if request.due_at < now:
        return Tone.CRITICAL, f"{deadlines.in_minutes(now - request.due_at)} overdue"
    if request.due_at - now < policy.DUE_SOON:
        return Tone.WARN, f"due in {deadlines.in_minutes(request.due_at - now)}"
    return Tone.MUTED, ""


def _deadline(filters: Filters) -> str:
    """The column that a list is ordered by; an index serves each."""
    return "expires_at" if filters.state in AWAITS_MEMBER else "due_at"


def _with_holder(found: RequestQuerySet) -> RequestQuerySet:
    """Adds who holds each request, `holder_id` and `holder_name`."""
    holder = Claim.objects.on(KIND.name, OuterRef("pk")).running()
    return found.annotate(
        holder_id=Subquery(holder.values("moderator_id")[:1]),
        holder_name=Subquery(holder.values("moderator__username")[:1]),
    )

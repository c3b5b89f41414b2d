"""The read side of the desk: tabs, rows and one item, with few queries and no OFFSET."""

import base64
import binascii
import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Min, OuterRef, Q, Subquery
from django.db.models.functions import Lower, Now
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from compliance import policy
from compliance.members.models import Member
from compliance.verification.models import Claim, RequestQuerySet, VerificationRequest
from compliance.verification.states import AWAITS_MEMBER, REVIEWABLE, UNFINISHED, Method, State
from monitoring.tones import Tone
from monitoring.ui.words import duration

PAGE = 25
COUNT_AT_MOST = 1000
_MODERATOR = -1  # a stand-in: no such id is in the database
DISCORD_EPOCH_MS = 1_420_070_400_000
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
        pending = self.request.state == State.PENDING
        return pending and not (self.due_words or self.held_by or self.mine or self.earlier)

    @property
    def may_be_claimed(self) -> bool:
        """Nobody else holds it, and it waits for a review."""
        return not self.held_by and self.request.state in REVIEWABLE


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    next_cursor: str


def counts(moderator: Any, filters: Filters = EVERYTHING) -> list[tuple[str, str, str]]:
    """(tab, title, count) for each tab under the other filters, in one query; stops at 999+."""
    others = replace(filters, tab="open", after="")
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


def page(filters: Filters, moderator: Any) -> Page:
    """One page, oldest deadline first, by keyset on (deadline, id).

    The deadline is the review's, or where the member is waited for, the end of that.
    """
    found = in_order(filters, moderator).select_related("member")
    cursor = _read_cursor(filters.after)
    if cursor:
        found = found.filter(_after(*cursor, _deadline(filters)))
    shown: list[Any] = list(_with_holder(found)[: PAGE + 1])
    more, shown = len(shown) > PAGE, shown[:PAGE]
    earlier = _earlier([request.member_id for request in shown])
    rows = [
        row_of(request, earlier, moderator, request.holder_id, request.holder_name)
        for request in shown
    ]
    return Page(rows, _cursor(shown[-1], _deadline(filters)) if more and shown else "")


def in_order(filters: Filters, moderator: Any) -> RequestQuerySet:
    """Every request that fits, oldest deadline first."""
    return matching(filters, moderator).order_by(_deadline(filters), "id")


def matching(filters: Filters, moderator: Any) -> RequestQuerySet:
    """Every request that fits, unordered and without a place in the list."""
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
    """For programs: practice cases, which the desk and its gauges count, are left out."""
    now = timezone.now()
    found = (
        VerificationRequest.objects.reviewable()
        .filter(member__made_up=False)
        .order_by()
        .aggregate(
            pending=Count("pk", filter=Q(state=State.PENDING)),
            escalated=Count("pk", filter=Q(state=State.ESCALATED)),
            overdue=Count("pk", filter=Q(due_at__lt=now)),
            since=Min("submitted_at"),
        )
    )
    held = Claim.objects.filter(
        request__state__in=REVIEWABLE,
        request__member__made_up=False,
        ended_at__isnull=True,
        expires_at__gt=Now(),
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
    DamagedCursor. Practice cases are not among them.
    """
    found = VerificationRequest.objects.reviewable().filter(member__made_up=False)
    if after:
        cursor = _read_cursor(after)
        if cursor is None:
            raise DamagedCursor(after)
        found = found.filter(_after(*cursor))
    shown: list[Any] = list(_with_holder(found.by_deadline())[: limit + 1])
    more, shown = len(shown) > limit, shown[:limit]
    return shown, _cursor(shown[-1]) if more else ""


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
        return found.filter(due_at__lt=Now())
    if tab == "escalated":
        return VerificationRequest.objects.filter(state=State.ESCALATED)
    return found


def _matches(text: str) -> Q:
    if text.isdecimal() and len(text) < 20:
        return Q(member_id=int(text)) | Q(pk=int(text))
    members = Member.everybody.annotate(lowered=Lower("username")).filter(
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


def row_of(
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
        url=f"{reverse('queue')}{request.pk}/",  # queue_item; reverse() a row would cost more
        method=str(Method(request.method).label),
        method_icon=METHOD_ICONS[Method(request.method)],
        account_age=now - account_created_at(request.member_id),
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
        return Tone.CRITICAL, f"{_whole_minutes(now - request.due_at)} overdue"
    if request.due_at - now < policy.DUE_SOON:
        return Tone.WARN, f"due in {_whole_minutes(request.due_at - now)}"
    return Tone.MUTED, ""


def _whole_minutes(length: timedelta) -> str:
    whole = timedelta(minutes=length // timedelta(minutes=1))
    return duration(whole) if whole else "under 1 min"


def account_created_at(snowflake: int) -> datetime:
    """When Discord made the account: a snowflake holds the time of its making."""
    milliseconds = (snowflake >> 22) + DISCORD_EPOCH_MS
    return datetime.fromtimestamp(milliseconds / 1000, tz=timezone.get_current_timezone())


def _deadline(filters: Filters) -> str:
    """The column that a list is ordered by; an index serves each."""
    return "expires_at" if filters.state in AWAITS_MEMBER else "due_at"


def _after(moment: datetime, pk: int, by: str = "due_at") -> Q:
    later = Q(**{f"{by}__gt": moment}) | Q(**{by: moment}, pk__gt=pk)
    return Q(later, **{f"{by}__gte": moment})


def _with_holder(found: RequestQuerySet) -> RequestQuerySet:
    """Adds who holds each request, `holder_id` and `holder_name`."""
    holder = Claim.objects.filter(
        request=OuterRef("pk"), ended_at__isnull=True, expires_at__gt=Now()
    )
    return found.annotate(
        holder_id=Subquery(holder.values("moderator_id")[:1]),
        holder_name=Subquery(holder.values("moderator__username")[:1]),
    )


def _cursor(request: VerificationRequest, by: str = "due_at") -> str:
    raw = f"{getattr(request, by).isoformat()}|{request.pk}"
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def _read_cursor(text: str) -> tuple[datetime, int] | None:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        moment, pk = raw.split("|")
        due_at = parse_datetime(moment)
        return (due_at, int(pk)) if due_at and due_at.tzinfo else None
    except (ValueError, binascii.Error, UnicodeDecodeError):
        return None

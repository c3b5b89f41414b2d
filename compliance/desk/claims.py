"""Who works on what. A claim is a row with a lease; the decision is the authority.

A room makes Claims() of its kind once, and everything that claims goes through it.
"""

from enum import StrEnum
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import Case, Exists, F, Func, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Greatest, Least, Now
from django.utils import timezone
from psycopg.sql import quote

from compliance import policy
from compliance.desk import escalations, relations
from compliance.desk.kinds import Kind
from compliance.desk.looking import Look, at
from compliance.desk.models import Claim, WorkItem, WorkItemQuerySet
from compliance.members.roster import subject_of
from compliance.refusals import Refusal
from monitoring import prepared
from monitoring.audit import trail
from monitoring.people import Person

NEXT_TRIES = 20
_MODERATOR, _OWN = -1, -2  # stand-ins: no such ids are in the database
# In SQL for a race: who comes second waits for the first at the index of open claims, and then
# writes nothing.
_TAKE = """
INSERT INTO desk_claim
    (item_id, moderator_id, started_at, expires_at, lease_until, end_reason)
VALUES (%(item)s, %(moderator)s, %(now)s, %(expires)s, %(until)s, '')
ON CONFLICT (item_id) WHERE ended_at IS NULL DO NOTHING
RETURNING id
"""


class Sign(StrEnum):
    """What the holder's page says of itself."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    LEFT = "left"


_SIGN_LIFE = {
    Sign.VISIBLE: policy.SIGN_VISIBLE_LIFE,
    Sign.HIDDEN: policy.SIGN_HIDDEN_LIFE,
    Sign.LEFT: policy.SIGN_LEFT_LIFE,
}


class Claims:
    """The claims on the items of one kind; `subject` is the key of the thing in its room."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    def claim(self, subject: int, moderator: Person, *, from_page: bool = False) -> Claim:
        """Take an item; the holder's own claim is renewed instead.

        An expired lease is closed and taken over in the same transaction. A claim that begins
        `from_page` ends with SIGN_VISIBLE_LIFE unless that page gives a sign. Refusals:
        not_reviewable, own_request (or the kind's own), own_decision, escalated_to_other,
        claimed_by_other (details: by, until), and those of the kind's check.
        """
        look = at(self.kind.name, subject)
        if look is None or look.item.closed_at is not None:
            raise Refusal("not_reviewable", self.kind.over)
        item, held = look.item, look.claim
        self.check(item, moderator)
        if not self.may_take(item, moderator):
            raise Refusal("escalated_to_other", f"This was handed to {escalations.to_whom(item)}.")
        if held is not None and look.runs:
            if held.moderator_id != moderator.pk:
                # Seen before anything is written: who runs into the unique index waits for the
                # holder, who may be waiting for the row that claim_next() has locked.
                raise held_by(held)
            if renewed := self.renew(subject, moderator):
                return renewed
        taken = self._take(look, moderator, from_page)
        if taken is None:
            raise held_by(Claim.objects.filter(item=item).open().first())
        return taken

    def check(self, item: WorkItem, moderator: Person) -> None:
        """That this person may work on it. Refusals: own_request, own_decision, the kind's own."""
        if item.member_id is not None:
            relations.check(
                moderator,
                member_id=item.member_id,
                authors=item.not_for,
                own=self.kind.own,
                sentence=self.kind.author,
            )
        self.kind.check(item, moderator)

    def may_take(self, item: WorkItem, moderator: Person) -> bool:
        """Whether it is for them: an escalated one is for whom it was handed to."""
        if item.escalated_at is None or item.assigned_to_id == moderator.pk:
            return True
        return bool(self.kind.any_escalated and moderator.has_perm(self.kind.any_escalated))

    def begin(self, subject: int, moderator: Person) -> None:
        """Claim for a page's first act, as claim() does, unless it is theirs already.

        Where nothing waits any more, the act itself says what became of it.
        """
        if self.open_claim(subject, moderator) is not None:
            return
        try:
            self.claim(subject, moderator, from_page=True)
        except Refusal as refusal:
            if refusal.code != "not_reviewable":
                raise

    @transaction.atomic(savepoint=False)
    def _take(self, look: Look, moderator: Person, from_page: bool) -> Claim | None:
        """Write the claim and its audit entry; None when somebody else was faster."""
        item = look.item
        if look.claim is not None:
            over = Claim.objects.filter(item=item).open().filter(expires_at__lte=Now())
            over.update(ended_at=Now(), end_reason=Claim.End.LEASE_ENDED)
        now = timezone.now()
        until = now + self.kind.lease_of(item)
        expires = now + policy.SIGN_VISIBLE_LIFE if from_page else until
        row = Claim(
            item=item, moderator=moderator, started_at=now, expires_at=expires, lease_until=until
        )
        values = {
            "item": item.pk,
            "moderator": moderator.pk,
            "now": now,
            "expires": expires,
            "until": until,
        }
        written = prepared.rows(_TAKE, values)
        if not written:
            return None
        [(row.pk,)] = written
        row._state.adding = False
        self._record(item, "claimed", moderator, {"claim": row.pk})
        return row

    def renew(self, subject: int, moderator: Person) -> Claim | None:
        """Lengthen the holder's lease to its full time; None when they hold none, or it is theirs.

        Where the holder's page gives signs, this is one of a visible page. What keep() made
        longer stays longer.
        """
        held = self.open_claim(subject, moderator)
        if held is None or self._is_own(held.item, moderator):
            return None
        now = timezone.now()
        until = Value(now + self.kind.lease_of(held.item))
        signs = When(expires_at__lt=F("lease_until"), then=Value(now + policy.SIGN_VISIBLE_LIFE))
        _running(held).update(
            lease_until=Greatest("lease_until", until),
            expires_at=Case(signs, default=Greatest("expires_at", until)),
        )
        return self.open_claim(subject, moderator)

    def sign(self, subject: int, moderator: Person, of: Sign) -> Claim | None:
        """Let a claim last as long as the holder's page is there, and no longer than its lease.

        Of an escalated item the lease alone counts, until the page is left. None when they hold
        no claim, or it is theirs.
        """
        held = self.open_claim(subject, moderator)
        if held is None or (of != Sign.LEFT and self._is_own(held.item, moderator)):
            return None
        now, row = timezone.now(), _running(held)
        until: Func = Least("lease_until", Value(now + _SIGN_LIFE[of]))
        if held.item.escalated_at is not None and of != Sign.LEFT:
            until = Coalesce("lease_until", "expires_at")
        if of == Sign.HIDDEN:  # a page that is closed is hidden too, and may say so last
            row = row.filter(expires_at__gt=now + policy.SIGN_LEFT_LIFE)
        row.update(expires_at=until)
        return self.open_claim(subject, moderator)

    def keep(self, subject: int, moderator: Person) -> Claim:
        """Let the holder's claim last as long as what they did could wait for the sweep.

        Locks it. Refusals as held_claim().
        """
        row = self.held_claim(subject, moderator)
        until = timezone.now() + policy.EVIDENCE_LIFE
        if not _running(row).update(expires_at=until, lease_until=until):
            raise Refusal("not_claimed", self.kind.not_held)
        return row

    def keep_no_more(self, subject: int, moderator: Person) -> None:
        """What it was kept for was taken back: the lease is as after a sign of work."""
        row = self.open_claim(subject, moderator)
        if row is not None:
            until = timezone.now() + self.kind.lease_of(row.item)
            _running(row).update(expires_at=until, lease_until=until)

    def give(self, subject: int, moderator: Person) -> Claim:
        """A claim for whoever took their act back; the caller holds what waits again."""
        self.end_all(subject, Claim.End.MOVED)  # what began while it waited for nobody
        item = WorkItem.objects.of(self.kind.name, subject).get()
        until = timezone.now() + self.kind.lease_of(item)
        return Claim.objects.create(
            item=item, moderator=moderator, expires_at=until, lease_until=until
        )

    def open_claim(self, subject: int, moderator: Person) -> Claim | None:
        """The moderator's own running claim, with its item; None without one."""
        look = at(self.kind.name, subject)
        return look.claim_of(moderator) if look is not None else None

    def running_claim(self, subject: int) -> Claim | None:
        """Whoever's claim runs now, with its holder."""
        found = Claim.objects.select_related("moderator").on(self.kind.name, subject)
        return found.running().filter(item__closed_at__isnull=True).first()

    def held_claim(self, subject: int, moderator: Person) -> Claim:
        """The same as open_claim(). Refusals not_claimed, own_request, own_decision."""
        row = self.open_claim(subject, moderator)
        if row is None:
            raise Refusal("not_claimed", self.kind.not_held)
        self.check(row.item, moderator)
        return row

    def refuse_other(self, subject: int, moderator: Person) -> None:
        """Refusal claimed_by_other while somebody else works on it."""
        row = self.running_claim(subject)
        if row is not None and row.moderator_id != moderator.pk:
            raise held_by(row)

    def release(self, subject: int, moderator: Person) -> bool:
        """Give an item back. False when the moderator held no claim. Refusals: the kind's."""
        self.kind.may_release(subject, moderator)
        row = self._open(subject).filter(moderator=moderator).first()
        return row is not None and give_back(self.kind, row, Claim.End.RELEASED, by=moderator)

    def end_all(self, subject: int, reason: str, at: Any = None) -> int:
        """Nothing waits any more, or it was handed on; returns how many ended."""
        ended_at = Now() if at is None else at
        return self._open(subject).update(ended_at=ended_at, end_reason=reason)

    def next(
        self,
        moderator: Person,
        after: int | None = None,
        among: QuerySet[Any] | None = None,
    ) -> Claim | None:
        """Claim what next_for() finds, for its page; None when nothing waits that nobody holds.

        People who ask at the same moment pass each other: each takes an item that no other one
        is taking right now.
        """
        for _ in range(NEXT_TRIES):
            with transaction.atomic():
                subject = self.next_for(moderator, after, among, skip_locked=True)
                if subject is None:
                    return None
                try:
                    return self.claim(subject, moderator, from_page=True)
                except Refusal:
                    continue  # claimed between our look and our lock: the one after
        return None

    def next_for(
        self,
        moderator: Person,
        after: int | None = None,
        among: QuerySet[Any] | None = None,
        *,
        skip_locked: bool = False,
    ) -> int | None:
        """Subject of the next item that nobody else holds, oldest deadline first, or None.

        `after` is the subject in whose place of the list to begin, and `among` are the rows to
        which somebody has filtered it.
        """
        any_escalated = bool(
            self.kind.any_escalated and moderator.has_perm(self.kind.any_escalated)
        )
        own_id = moderator.discord_id
        place = self.place(after) if after is not None else None
        if among is not None or place is not None:
            free = _free(self.kind.name, moderator.pk, own_id, any_escalated, skip_locked)
            if among is not None:
                free = free.filter(subject__in=among.order_by().values("pk"))
        if place is not None:
            later = free.filter(
                Q(due_at__gt=place.due_at) | Q(due_at=place.due_at, id__gt=place.pk)
            )
            others = free.exclude(pk=place.pk)
            for rest in (later, others):
                if found := rest.values_list("subject", flat=True).first():
                    return found
        if among is not None:
            return free.values_list("subject", flat=True).first()
        statement = _free_sql(self.kind.name, own_id is not None, any_escalated, skip_locked)
        # In SQL for tests/bench/test_decisions.py: the queryset's own, but built once.
        rows = prepared.rows(statement, {"moderator": moderator.pk, "own": own_id})
        return rows[0][0] if rows else None

    def place(self, subject: int) -> WorkItem | None:
        """The item after which others come; None when there is none."""
        return WorkItem.objects.of(self.kind.name, subject).first()

    def _open(self, subject: int) -> QuerySet[Claim]:
        return Claim.objects.on(self.kind.name, subject).open()

    def _is_own(self, item: WorkItem, person: Person) -> bool:
        return item.member_id is not None and relations.is_own(person, item.member_id)

    def _record(self, item: WorkItem, act: str, actor: Person | None, data: dict[str, Any]) -> None:
        record(self.kind, item, act, actor, data)


def record(
    kind: Kind, item: WorkItem, act: str, actor: Person | None, data: dict[str, Any]
) -> None:
    """Write down what became of a claim; that of a blind kind names no member."""
    named = item.member_id if not kind.is_blind else None
    trail.record(
        f"{kind.audit}.{act}",
        actor=actor,
        subject_id=subject_of(named) if named is not None else None,
        target=kind.target(item.subject),
        data=data,
    )


def end(row: Claim, reason: str) -> bool:
    """End one open claim; False when it has ended already."""
    still_open = Claim.objects.filter(pk=row.pk).open()
    return bool(still_open.update(ended_at=Now(), end_reason=reason))


@transaction.atomic
def give_back(kind: Kind, row: Claim, reason: str, *, by: Person | None) -> bool:
    """End a claim whose holder does not decide; `by` is None when time does it. False when over."""
    if not end(row, reason):
        return False
    held = {} if by is not None and by.pk == row.moderator_id else {"holder": row.moderator_id}
    record(kind, row.item, "released", by, {"claim": row.pk, "reason": reason, **held})
    return True


def held_by(holder: Claim | None) -> Refusal:
    """Why it can't be claimed: claimed_by_other with by and until, or released just now."""
    if holder is None:  # between our try and this look
        return Refusal("not_claimed", "Somebody else had this a moment ago. Try again.")
    return Refusal(
        "claimed_by_other",
        f"{holder.moderator} is working on this.",
        by=str(holder.moderator),
        until=holder.expires_at.isoformat(),
    )


def _free(
    kind: str, moderator_id: int, own_id: int | None, any_escalated: bool, skip_locked: bool
) -> WorkItemQuerySet:
    """What this person may claim and nobody else holds, oldest deadline first."""
    by_others = Claim.objects.filter(~Q(moderator=moderator_id), item=OuterRef("pk")).running()
    free = WorkItem.objects.of(kind).open().filter(~Exists(by_others)).by_deadline()
    free = free.exclude(not_for__contains=[moderator_id])
    if not any_escalated:
        free = free.filter(Q(escalated_at__isnull=True) | Q(assigned_to=moderator_id))
    if own_id is not None:
        free = free.filter(~Q(member_id=own_id) | Q(member_id__isnull=True))
    if skip_locked:
        # Not the key: a claim's foreign key must not wait for this lock.
        free = free.select_for_update(skip_locked=True, no_key=True, of=("self",))
    return free


@cache
def _free_sql(kind: str, has_own: bool, any_escalated: bool, skip_locked: bool) -> str:
    """The statement of _free(), for the parameters `moderator` and `own`.

    Made once in each process: building it costs more than to run it, after every decision.
    Everything else stands in it in full, so that it can be prepared: to plan it costs more than
    to run it, too.
    """
    free = _free(kind, _MODERATOR, _OWN if has_own else None, any_escalated, skip_locked)
    sql, parameters = free.values("subject")[:1].query.sql_with_params()
    return sql % tuple(_in_full(each) for each in parameters)


def _in_full(parameter: Any) -> str:
    if parameter == [_MODERATOR]:
        return "ARRAY[%(moderator)s]"
    names = {_MODERATOR: "%(moderator)s", _OWN: "%(own)s"}
    return names.get(parameter) or quote(parameter)


def _running(row: Claim) -> QuerySet[Claim]:
    return Claim.objects.filter(pk=row.pk).running()

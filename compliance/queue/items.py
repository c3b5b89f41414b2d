"""The read side of one request on the desk: its facts, never its picture."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from compliance.desk import escalations
from compliance.desk.models import Claim, Escalation
from compliance.evidence.models import Evidence
from compliance.members import blinds
from compliance.queue.listing import Row, row_of
from compliance.verification import looking
from compliance.verification.claims import CLAIMS, KIND
from compliance.verification.models import Decision, VerificationRequest
from compliance.verification.states import REVIEWABLE, State
from monitoring.people import Person


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


def item(request_id: int, moderator: Person) -> Item | None:
    """One request with its facts, or None when there is none of that id."""
    look = looking.at(request_id)
    if look is None:
        return None
    request, waiting, claim = look.request, look.waiting, look.running
    mine = claim is not None and claim.moderator_id == moderator.pk
    # A decided request shows none, so that nothing reveals whose pictures still exist.
    pictures = (
        list(
            request.evidence.filter(destroyed_at__isnull=True, position__lte=2).order_by("position")
        )
        if request.state in REVIEWABLE
        else []
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
    if history and request.member_id in blinds.member_ids(moderator):
        history = [("not shown", sum(n for _, n in history))]
    handed = waiting is not None and waiting.escalated_at is not None
    return Item(
        row=row_of(
            request,
            {request.member_id: sum(n for _, n in history)},
            moderator,
            claim.moderator_id if claim else None,
            str(claim.moderator) if claim and not mine else "",
        ),
        pictures=pictures,
        claim=claim,
        is_mine=mine,
        decision=decision,
        earlier=[
            (State(state).label.lower() if state in State.values else state, n)
            for state, n in history
        ],
        destroyed_at_latest=min((p.destroy_at for p in pictures), default=None),
        escalation=escalations.current(KIND.name, request.pk) if handed else None,
        may_claim=waiting is None or CLAIMS.may_take(waiting, moderator),
    )

"""Appeals in lists of all kinds."""

from collections.abc import Mapping, Sequence

from django.urls import reverse

from compliance.appeals.claims import CLAIMS
from compliance.appeals.models import Appeal
from compliance.desk import showing
from compliance.desk.models import WorkItem
from compliance.verification.states import DenyReason
from monitoring.people import Person


def facts(items: Sequence[WorkItem], reader: Person) -> Mapping[int, showing.Facts]:
    found = Appeal.objects.select_related("member", "decision__decided_by").in_bulk(
        [item.subject for item in items]
    )
    return {pk: _of(row) for pk, row in found.items()}


def _of(row: Appeal) -> showing.Facts:
    reason = str(DenyReason(row.decision.reason).label).lower() if row.decision.reason else "denied"
    by = row.decision.decider
    return showing.Facts(
        title=str(row.member),
        words=f"Denied by {by}: {reason}",
        lines=(("Denied by", by), ("Reason", reason)),
        quote=row.words,
    )


showing.register(
    showing.Shown(
        claims=CLAIMS,
        facts=facts,
        address=lambda pk: reverse("appeal", args=[pk]),
        plural="Appeals",
        one="appeal",
        many="appeals",
        position=40,
    )
)

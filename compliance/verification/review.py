"""Verifications in lists of all kinds."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils import timezone

from compliance.desk import showing
from compliance.desk.models import WorkItem
from compliance.members import snowflakes
from compliance.verification import requests
from compliance.verification.claims import CLAIMS
from compliance.verification.models import VerificationRequest
from compliance.verification.states import Method
from monitoring.people import Person
from monitoring.ui.words import duration


def facts(items: Sequence[WorkItem], reader: Person) -> Mapping[int, showing.Facts]:
    found = VerificationRequest.objects.select_related("member").in_bulk(
        [item.subject for item in items]
    )
    earlier = requests.earlier_of([request.member_id for request in found.values()])
    return {pk: _of(request, earlier.get(request.member_id, 0)) for pk, request in found.items()}


def _of(request: VerificationRequest, earlier: int) -> showing.Facts:
    method = str(Method(request.method).label)
    age = timezone.now() - snowflakes.made_at(request.member_id)
    account = duration(age).split(", ")[0]  # the largest unit says enough
    before = f"{earlier} earlier" if earlier else "first request"
    return showing.Facts(
        title=str(request.member),
        words=f"{method}, account {account}, {before}",
        lines=(
            ("Method", method),
            ("Discord account", account),
            ("Earlier requests", str(earlier)),
        ),
    )


showing.register(
    showing.Shown(
        claims=CLAIMS,
        facts=facts,
        address=lambda pk: reverse("queue_item", args=[pk]),
        plural="Verification",
        one="verification",
        many="verifications",
        position=10,
        gives_signs=True,
    )
)

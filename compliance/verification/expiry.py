"""A request that the member did not go on with ends: by time, or by compliance."""

from typing import Any

from django.db import transaction

from compliance.members.roster import subject_of
from compliance.verification.metrics import count
from compliance.verification.models import VerificationRequest
from compliance.verification.requests import revoke_what_was_issued
from compliance.verification.states import State
from compliance.verification.transitions import move
from monitoring.audit import trail
from monitoring.people import Person


@transaction.atomic
def expire(
    request: VerificationRequest, *, by: Person | None = None, data: dict[str, Any] | None = None
) -> None:
    """End a request that waits for its member, and its upload link; `by` nobody is the sweep.

    Refusals: stale, already_there, not_allowed (it waits for a review, or is over).
    """
    move(request, State.EXPIRED, version=request.version)
    revoke_what_was_issued(request)
    trail.record(
        "verification.expired",
        actor=by,
        subject_id=subject_of(request.member_id),
        target=request,
        data=data,
    )
    if not request.member.made_up:
        count("expired", request.method)

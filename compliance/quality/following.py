"""Second reviews and disputes follow what becomes of a request, in the same transaction."""

from typing import Any

from compliance.quality import second_reviews
from compliance.quality.models import Dispute
from compliance.refusals import Refusal
from compliance.verification.models import Decision, VerificationRequest


def submitted(sender: Any, *, request: VerificationRequest, first: bool, **_: Any) -> None:
    second_reviews.draw(request, first=first)


def withdrawn(sender: Any, *, request: VerificationRequest, **_: Any) -> None:
    second_reviews.void(request)


def wanted(sender: Any, *, request: VerificationRequest, settles: Any, **_: Any) -> None:
    """Refusal disputed: while reviewers are, only the one who settles that may override."""
    if settles is None and Dispute.objects.unsettled().filter(review__request=request).exists():
        raise Refusal("disputed")


def overridden(sender: Any, *, request: VerificationRequest, **_: Any) -> None:
    """A second review that waits has nothing left to compare."""
    second_reviews.void(request)


def undone(sender: Any, *, decision: Decision, **_: Any) -> None:
    """The override that settled a dispute was taken back: both wait again."""
    if decision.overrides_id is not None:
        Dispute.objects.filter(decision=decision).update(
            resolution="", note="", resolved_by=None, resolved_at=None, decision=None
        )

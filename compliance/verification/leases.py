"""What claims on requests and on second reviews share: rows with a lease, ended once."""

from django.db.models.functions import Now

from compliance.verification.errors import Refusal
from compliance.verification.models import Claim
from compliance.verification.quality_models import SecondReviewClaim


def end(row: Claim | SecondReviewClaim, reason: str) -> bool:
    """End one open claim; False when it has ended already."""
    still_open = type(row).objects.filter(pk=row.pk, ended_at__isnull=True)
    return bool(still_open.update(ended_at=Now(), end_reason=reason))


def held_by(holder: Claim | SecondReviewClaim | None) -> Refusal:
    """Why it can't be claimed: claimed_by_other with by and until, or released just now."""
    if holder is None:  # between our try and this look
        return Refusal("not_claimed", "Somebody else had this a moment ago. Try again.")
    return Refusal(
        "claimed_by_other",
        f"{holder.moderator} is working on this.",
        by=str(holder.moderator),
        until=holder.expires_at.isoformat(),
    )

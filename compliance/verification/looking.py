"""What an act on a request has to know, in one look: one statement instead of three."""

from dataclasses import dataclass
from typing import Any

from compliance.members.models import Member
from compliance.verification.models import Claim, VerificationRequest
from monitoring import prepared

# The claim is the open one, whoever's: there is one at most.
_LOOK = f"""
SELECT claim.expires_at > statement_timestamp(),
    {prepared.columns(VerificationRequest, "request")},
    {prepared.columns(Member, "member")},
    {prepared.columns(Claim, "claim")}
FROM verification_verificationrequest request
JOIN members_member member ON member.discord_id = request.member_id
LEFT JOIN verification_claim claim ON claim.request_id = request.id AND claim.ended_at IS NULL
WHERE request.id = %s
"""  # noqa: S608 - names of our own columns


@dataclass(frozen=True)
class Look:
    """A request with its member, as they are now."""

    request: VerificationRequest
    claim: Claim | None  # the open one, whoever's; its lease may be over
    runs: bool  # whether that lease goes on

    def claim_of(self, moderator: Any) -> Claim | None:
        """The moderator's own running claim."""
        claim = self.claim
        return claim if claim and self.runs and claim.moderator_id == moderator.pk else None


def at(request_id: int) -> Look | None:
    """Look at a request; None when there is none of that id."""
    rows = prepared.rows(_LOOK, [request_id])
    if not rows:
        return None
    runs, *values = rows[0]
    request = prepared.instance(VerificationRequest, values)
    request.member = prepared.instance(Member, values)
    claim = prepared.instance(Claim, values) if values[0] is not None else None
    if claim is not None:
        claim.request = request
    return Look(request, claim, bool(runs))

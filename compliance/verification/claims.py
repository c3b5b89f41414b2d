"""Who works on a request: claims of the desk (desk/claims.py), of the kind `verification`."""

from compliance.desk import kinds
from compliance.desk.claims import Claims, Sign, give_back

KIND = kinds.register(
    kinds.Kind(
        name="verification",
        title="Verification",
        icon="id-badge-2",
        model="verification.VerificationRequest",
        audit="verification",
        work="verification.decide",
        any_escalated="verification.decide_escalated",
        tells_nothing=True,
    )
)
CLAIMS = Claims(KIND)
claim = CLAIMS.claim
begin = CLAIMS.begin
renew = CLAIMS.renew
sign = CLAIMS.sign
give = CLAIMS.give
open_claim = CLAIMS.open_claim
running_claim = CLAIMS.running_claim
held_claim = CLAIMS.held_claim
release = CLAIMS.release
claim_next = CLAIMS.next
next_for = CLAIMS.next_for

__all__ = [
    "CLAIMS", "KIND", "Sign", "begin", "claim", "claim_next", "give", "give_back", "held_claim",
    "next_for", "open_claim", "release", "renew", "running_claim", "sign",
]  # fmt: skip

"""Who works on a dispute: claims of the desk (desk/claims.py), for neither of the two."""

from compliance import policy
from compliance.desk import kinds
from compliance.desk.claims import Claims

KIND = kinds.register(
    kinds.Kind(
        name="dispute",
        title="Dispute",
        icon="users",
        model="quality.Dispute",
        audit="dispute",
        work="verification.settle_disputes",
        lease=policy.WRITING_LEASE,
        author="Somebody who is neither of the two reviewers decides.",
        over="This dispute is settled.",
    )
)
CLAIMS = Claims(KIND)

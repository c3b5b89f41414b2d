"""What an act on a request has to know, in one look: one statement instead of three."""

from dataclasses import dataclass

from compliance.desk import looking
from compliance.desk.models import Claim, WorkItem
from compliance.members.models import Member
from compliance.verification.models import VerificationRequest
from monitoring import prepared
from monitoring.people import Person

# In SQL for tests/bench/test_decisions.py.
_LOOK = f"""
SELECT {prepared.columns(VerificationRequest, "request")},
    {prepared.columns(Member, "member")},
    {looking.COLUMNS}
FROM verification_verificationrequest request
JOIN members_member member ON member.discord_id = request.member_id
LEFT JOIN desk_workitem item ON item.kind = 'verification' AND item.subject = request.id
{looking.CLAIM}
WHERE request.id = %s
"""  # noqa: S608 - names of our own columns


@dataclass(frozen=True)
class Look:
    """A request with its member, as they are now, and how it waits."""

    request: VerificationRequest
    item: looking.Look | None  # None for one that was never sent

    @property
    def waiting(self) -> WorkItem | None:
        return self.item.item if self.item is not None else None

    @property
    def running(self) -> Claim | None:
        """Whoever's running claim."""
        return self.item.running if self.item is not None else None

    def claim_of(self, moderator: Person) -> Claim | None:
        """The moderator's own running claim."""
        return self.item.claim_of(moderator) if self.item is not None else None


def at(request_id: int) -> Look | None:
    """Look at a request; None when there is none of that id."""
    rows = prepared.rows(_LOOK, [request_id])
    if not rows:
        return None
    values = list(rows[0])
    request = prepared.instance(VerificationRequest, values)
    request.member = prepared.instance(Member, values)
    return Look(request, looking.look_of(values))

"""Who works on an appeal: claims of the desk (desk/claims.py), for others than its author."""

from compliance import policy
from compliance.desk import kinds
from compliance.desk.claims import Claims
from compliance.desk.models import WorkItem
from compliance.members import blinds
from compliance.refusals import Refusal
from monitoring.people import Person


def _is_not_blind(item: WorkItem, person: Person) -> None:
    if item.member_id in blinds.member_ids(person):
        raise Refusal("blind", "Do the blind second review of this member first.")


KIND = kinds.register(
    kinds.Kind(
        name="appeal",
        title="Appeal",
        icon="message-circle",
        model="appeals.Appeal",
        audit="appeal",
        work="appeals.decide",
        lease=policy.WRITING_LEASE,
        own="own_appeal",
        author="The denial is yours; somebody else decides the appeal.",
        over="This appeal is decided.",
        check=_is_not_blind,
    )
)
CLAIMS = Claims(KIND)

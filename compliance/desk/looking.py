"""What an act has to know of an item, in one look: one statement instead of two."""

from dataclasses import dataclass
from typing import Any

from compliance.desk.models import Claim, WorkItem
from monitoring import prepared
from monitoring.people import Person

# In SQL for tests/bench/test_decisions.py. The claim is the open one, whoever's: there is one at
# most. For statements that read more, too: `item` and `claim` are their aliases.
COLUMNS = f"""claim.expires_at > statement_timestamp(),
    {prepared.columns(WorkItem, "item")},
    {prepared.columns(Claim, "claim")}"""
CLAIM = "LEFT JOIN desk_claim claim ON claim.item_id = item.id AND claim.ended_at IS NULL"
# In SQL for tests/bench/test_decisions.py.
_LOOK = f"""
SELECT {COLUMNS} FROM desk_workitem item {CLAIM}
WHERE item.kind = %s AND item.subject = %s
"""  # noqa: S608 - names of our own columns


@dataclass(frozen=True)
class Look:
    """An item as it is now."""

    item: WorkItem
    claim: Claim | None  # the open one, whoever's; its lease may be over
    runs: bool  # whether that lease goes on

    @property
    def running(self) -> Claim | None:
        """Whoever's running claim on what still waits."""
        return self.claim if self.runs and self.item.closed_at is None else None

    def claim_of(self, moderator: Person) -> Claim | None:
        """The moderator's own running claim on what still waits."""
        claim = self.running
        return claim if claim is not None and claim.moderator_id == moderator.pk else None


def at(kind: str, subject: int) -> Look | None:
    """Look at an item; None when there is none."""
    rows = prepared.rows(_LOOK, [kind, subject])
    return look_of(list(rows[0])) if rows else None


def look_of(values: list[Any]) -> Look | None:
    """Read the COLUMNS at the end of a row; None where it has no item."""
    runs, *values = values
    if values[0] is None:
        return None
    item = prepared.instance(WorkItem, values)
    claim = prepared.instance(Claim, values) if values[0] is not None else None
    if claim is not None:
        claim.item = item
    return Look(item, claim, bool(runs))

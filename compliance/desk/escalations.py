"""An item is handed on: to a named person, or to whoever may take any of its kind."""

from django.utils import timezone

from compliance import policy
from compliance.desk import relations
from compliance.desk.models import Escalation, WorkItem
from compliance.refusals import Refusal
from monitoring.people import Person


def current(kind: str, subject: int) -> Escalation | None:
    """The escalation that an item stands in; None when it stands in none."""
    return (
        Escalation.objects.on(kind, subject)
        .that_count()
        .filter(item__escalated_at__isnull=False, item__closed_at__isnull=True)
        .select_related("escalated_by", "escalated_to")
        .order_by("-pk")
        .first()
    )


def to_whom(item: WorkItem) -> str:
    """Whom an escalated item is for, in words."""
    return str(item.assigned_to) if item.assigned_to is not None else "compliance"


def check(to: Person | None, *, by: Person, right: str, member_id: int, sentence: str) -> None:
    """That it can be handed to this person. Refusals: not_allowed, own_request."""
    if to is None:
        return
    if to.pk == by.pk or not to.has_perm(right):
        raise Refusal("not_allowed", "Hand it to somebody else who may decide.")
    if relations.is_own(to, member_id):
        raise Refusal("own_request", sentence)


def write(
    kind: str,
    subject: int,
    *,
    by: Person,
    to: Person | None,
    note: str,
    can_be_undone: bool = True,
) -> Escalation:
    """Write it down; the database notes on the item for whom it is now."""
    return Escalation.objects.create(
        item=WorkItem.objects.of(kind, subject).get(),
        escalated_by=by,
        escalated_to=to,
        note=note.strip()[:500],
        undo_until=timezone.now() + policy.UNDO_WINDOW if can_be_undone else None,
    )

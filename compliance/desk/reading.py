"""The one filter over items of all kinds: what waits for whom."""

from django.db.models import Count, Q

from compliance.desk import kinds
from compliance.desk.models import WorkItem, WorkItemQuerySet
from compliance.members import blinds
from monitoring.people import Person


def waiting_for(person: Person) -> WorkItemQuerySet:
    """Open items that this person may work on, whoever holds them now.

    Left out is what they have no right to, what concerns themselves or what they decided, what
    was escalated to others, and what would tell of a member of whom they must not learn for now
    what was decided. Practice cases stay in: whoever compared two lists would find out which.
    """
    mine = kinds.for_person(person)
    if not mine:
        return WorkItem.objects.none()
    found = WorkItem.objects.open().filter(kind__in=[kind.name for kind in mine])
    found = found.exclude(not_for__contains=[person.pk])
    any_escalated = [
        kind.name for kind in mine if kind.any_escalated and person.has_perm(kind.any_escalated)
    ]
    found = found.filter(
        Q(escalated_at__isnull=True) | Q(assigned_to=person.pk) | Q(kind__in=any_escalated)
    )
    if person.discord_id is not None:
        found = found.filter(~Q(member_id=person.discord_id) | Q(member_id__isnull=True))
    if hidden := blinds.member_ids(person):
        blind = [kind.name for kind in mine if kind.is_blind or kind.tells_nothing]
        found = found.filter(
            ~Q(member_id__in=hidden) | Q(member_id__isnull=True) | Q(kind__in=blind)
        )
    return found


def about_own_decisions(person: Person) -> dict[str, int]:
    """How many wait for somebody else because this person decided what they are about, by kind.

    Of a blind kind they must not know.
    """
    names = [kind.name for kind in kinds.for_person(person) if not kind.is_blind]
    found = WorkItem.objects.open().filter(kind__in=names, not_for__contains=[person.pk])
    return dict(found.order_by().values_list("kind").annotate(number=Count("pk")))

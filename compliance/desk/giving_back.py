"""Whoever signs out, leaves, or may not work on something any more holds nothing of it."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q

from compliance.desk import claims, holding, kinds
from compliance.desk.models import Claim
from monitoring.people import Person


def at_sign_out(person: Person) -> int:
    """Everything of a person who signs out; returns how many claims there were.

    What they can still take back happens now: it may need the claims.
    """
    holding.run_at_sign_out(person)
    return _give_back(Q(moderator=person), Claim.End.SIGNED_OUT, by=person)


def of(person: Person, *, by: Person | None) -> int:
    """Everything of a person who was let go or lost the role, in the caller's transaction.

    `by` did that; None for the system. Returns how many claims there were.
    """
    return _give_back(Q(moderator=person), Claim.End.RIGHT_ENDED, by=by)


def of_what_they_may_not(person: Person, *, by: Person | None) -> int:
    """What a person holds of kinds that they may not work on any more."""
    rights = {kind.work for kind in kinds.every()}
    gone = {right for right in rights if not _who_may(right).filter(pk=person.pk).exists()}
    names = [kind.name for kind in kinds.every() if kind.work in gone]
    whose = Q(moderator=person, item__kind__in=names)
    return _give_back(whose, Claim.End.RIGHT_ENDED, by=by)


def of_all_who_may_not(limit: int) -> int:
    """What people hold who may not work on it any more, such as after a role that ended by time."""
    ended = 0
    for kind in kinds.every():
        whose = ~Q(moderator__in=_who_may(kind.work)) & Q(item__kind=kind.name)
        ended += _give_back(whose, Claim.End.RIGHT_ENDED, by=None, limit=limit)
    return ended


@transaction.atomic
def _give_back(whose: Q, reason: str, *, by: Person | None, limit: int | None = None) -> int:
    found = Claim.objects.open().filter(whose).select_related("item").order_by("pk")
    return sum(
        claims.give_back(kinds.named(row.item.kind), row, reason, by=by) for row in found[:limit]
    )


def _who_may(right: str) -> Any:
    return get_user_model().objects.with_perm(right)

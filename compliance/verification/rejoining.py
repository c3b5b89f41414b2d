"""Verified members who left and came back get their role again."""

from django.db import transaction
from django.utils import timezone

from compliance.effects.kinds import role
from compliance.verification.models import VerificationRequest
from compliance.verification.states import State
from compliance.verification.writing import VERIFIED


def give_again(joined_ids: list[int] | None = None) -> int:
    """Want the role again for verified members who left and are back; returns how many.

    Called with those who have just joined, and for everybody after the bot was away.
    """
    return sum(_give_again(member_id) for member_id in role.lost_by_leaving(VERIFIED, joined_ids))


@transaction.atomic
def _give_again(member_id: int) -> bool:
    """An override of the same moment comes before this, or supersedes it."""
    approved = VerificationRequest.objects.filter(member_id=member_id, state=State.APPROVED)
    if approved.select_for_update().first() is None:
        return False
    now = timezone.now()
    role.want(member_id, VERIFIED, True, cause=f"rejoin:{now:%Y%m%d%H%M%S}", not_before=now)
    return True

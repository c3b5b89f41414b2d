"""That a member has, or has not, a role: {"role": "verified", "present": bool}."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Subquery

from compliance.effects import outbox
from compliance.effects.kinds import Kind
from compliance.effects.models import Effect, EffectState
from compliance.effects.outbox import Wish
from compliance.members.models import Member

KIND = Kind("role", "Role", is_lost_by_leaving=True)


def wish(member_id: int, role: str, present: bool) -> Wish:
    """`role` is our own name of it ("verified"); the bot knows Discord's."""
    key = f"role:{member_id}:{role}"
    return Wish(key, KIND.name, member_id, {"role": role, "present": present})


def want(member_id: int, role: str, present: bool, *, cause: str, not_before: datetime) -> Effect:
    """Want it; newer wishes supersede older ones."""
    return outbox.want([wish(member_id, role, present)], cause=cause, not_before=not_before)[0]


def lost_by_leaving(role: str, joined_ids: list[int] | None = None) -> list[int]:
    """Members who were given `role`, left, and are back without it.

    `joined_ids` limits the answer to these members, who have just joined. Without it, a role
    that somebody took away in Discord itself is told apart by its time: only who joined (by
    Discord's clock) after the role was delivered (by ours) is among them.
    """
    newer = Effect.objects.filter(key=OuterRef("key"), version__gt=OuterRef("version"))
    joined_at = Member.objects.filter(discord_id=OuterRef("member_id")).values("joined_at")[:1]
    here = Member.objects.filter(
        discord_id=OuterRef("member_id"), in_guild=True, has_verified_role=False
    )
    lost = Effect.objects.filter(
        ~Exists(newer),
        Exists(here),
        kind=KIND.name,
        state=EffectState.DELIVERED,
        payload={"role": role, "present": True},
    )
    if joined_ids is None:
        lost = lost.filter(finished_at__lt=Subquery(joined_at))
    else:
        keys = [wish(member_id, role, True).key for member_id in joined_ids]
        lost = lost.filter(key__in=keys)
    return list(lost.values_list("member_id", flat=True))

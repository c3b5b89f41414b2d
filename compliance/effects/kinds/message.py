"""A direct message: {"content": str}, and "with_link": true where the bot adds a one-time link."""

from datetime import datetime

from compliance.effects import outbox
from compliance.effects.kinds import Kind
from compliance.effects.models import Effect, EffectState
from compliance.effects.outbox import Wish

# Nobody reads of a role that was not given.
KIND = Kind("message", "Direct message", after=("role",), needs_them_here=True)


def wish(member_id: int, about: str, content: str) -> Wish:
    """What a member is to know `about` something ("verification"), in one direct message.

    Newer words take the place of what has not been said yet: nobody reads the old ones last.
    """
    return Wish(f"message:{member_id}:{about}", KIND.name, member_id, {"content": content})


def want(
    member_id: int,
    about: str,
    content: str,
    *,
    cause: str,
    not_before: datetime,
    with_link: bool = False,
) -> Effect:
    """Want it said.

    `with_link`: the bot opens a request and adds its one-time link when it sends; a link is
    never written down here.
    """
    wanted = wish(member_id, about, content)
    if with_link:
        wanted.payload["with_link"] = True
    return outbox.want([wanted], cause=cause, not_before=not_before)[0]


def role_is_missing(message: Effect) -> bool:
    """Whether the role that was wanted with a message is wanted still, and not given yet."""
    wanted = Effect.objects.filter(
        cause=message.cause, member_id=message.member_id, kind="role", payload__present=True
    )
    return wanted.exclude(state__in=[EffectState.DELIVERED, EffectState.SUPERSEDED]).exists()

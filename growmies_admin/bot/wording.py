"""The words of a direct message when it is sent."""

from compliance.appeals.messages import LINK_LIFE
from compliance.effects.kinds import message
from compliance.effects.models import Effect
from compliance.members.models import Member
from compliance.refusals import Refusal
from compliance.uploads import opening
from compliance.verification.messages import ROLE_FOLLOWS


def content_of(effect: Effect) -> str:
    """The text, and a fresh one-time link where one is wanted: its request is opened now.

    Tried again, it carries a newer link, and the one before stops working.
    """
    text = str(effect.payload["content"])
    if message.role_is_missing(effect):
        text += ROLE_FOLLOWS
    if not effect.payload.get("with_link"):
        return text
    member = Member.objects.filter(pk=effect.member_id).first()
    if member is None:
        return text
    try:
        opened = opening.open_request(member)
    except Refusal as refusal:
        return f"{text} {refusal.sentence}"
    return f"{text} Here is your one-time link: {opened.url} {LINK_LIFE}"

"""Names of members: how one is found by what somebody typed."""

from django.db.models import F, Func, Q, TextField, Value
from django.db.models.functions import Trim
from django.db.models.lookups import Exact

_LARGEST_ID = 2**63 - 1


class Folded(Func):
    """Names without case, accents and fancy letters, as the database folds them.

    Two folded texts are compared; `Zoë`, `ZOE` and a `zoe` of mathematical letters are the same.
    """

    function = "members_folded"
    arg_joiner = " || ' ' || "
    output_field = TextField()


def is_snowflake(text: str) -> bool:
    """Whether this can be an id of Discord's."""
    return text.isdecimal() and len(text) < 20 and 0 < int(text) <= _LARGEST_ID


def both() -> Folded:
    """Display name and username of a member, for the column that is searched."""
    return Folded(F("display_name"), F("username"))


def matching(text: str) -> Q:
    """Members whose display name, username or id somebody means by `text`.

    A part of a name is enough; of an id all of it, also as `<@id>`, as Discord copies it.
    Of what folds to nothing ("@", invisible marks) nobody is meant.
    """
    text = text.strip()
    bare = text.removeprefix("<@").removesuffix(">")
    part = Folded(Value(text.removeprefix("@")))
    found = Q(names__contains=part) & ~Q(Exact(Trim(part), Value("")))
    if is_snowflake(bare):
        found |= Q(pk=int(bare))
    return found

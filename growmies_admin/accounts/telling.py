"""Tells somebody on staff what was done to their account, by e-mail and by Discord.

Both are rows of the act's own transaction: delivery sends the e-mail, the bot the message.
"""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from compliance.effects.kinds import message
from compliance.members.models import Member
from growmies_admin.accounts import letters
from growmies_admin.accounts.models import Staff
from monitoring.discord_words import quiet

EMAIL, DISCORD = "e-mail", "Discord"


def ways_to(person: Staff) -> list[str]:
    """By what they can be told now; none is possible."""
    can = {EMAIL: letters.reaches(person), DISCORD: person.discord_id is not None}
    return [way for way, possible in can.items() if possible]


def promise(person: Staff) -> str:
    """Before an act: whether they will hear of it."""
    ways = ways_to(person)
    if not ways:
        return f"Nobody can be told: {_why(person)}"
    return f"They are told by {' and '.join(ways)}."


def outcome(person: Staff, told_by: list[str]) -> str:
    """After it: what is known of how they hear of it."""
    if not told_by:
        return f"Nobody could be told: {_why(person)} Tell them yourself."
    words = f"They are being told by {' and '.join(told_by)}."
    if DISCORD in told_by and _is_outside(person):
        words += " They are not in the Discord server: the message there waits until they are."
    return words


def second_factor_removed(
    person: Staff, *, by: Staff, at: datetime, until: datetime | None
) -> list[str]:
    """Their second factor was taken off; returns by what they are told.

    `until` is when they must have another one; None where their role needs none.
    """
    ways = ways_to(person)
    if EMAIL in ways:
        words = _removed(person, by, at, until, name=_one_line, moment=_in_words)
        letters.write(person, "Your second factor was removed", words)
    if DISCORD in ways and person.discord_id is not None:
        message.want(
            person.discord_id,
            "second_factor",
            _removed(person, by, at, until, name=quiet, moment=_for_discord),
            cause=f"second_factor_reset:{person.pk}",
            not_before=at,
        )
    return ways


def _removed(
    person: Staff,
    by: Staff,
    at: datetime,
    until: datetime | None,
    *,
    name: Callable[[str], str],
    moment: Callable[[datetime], str],
) -> str:
    add = "Sign in with your password and add another one"
    add += f" by {moment(until)}; after that nothing else opens" if until else ""
    return "\n\n".join(
        (
            f"An administrator, {name(str(by))}, removed the second factor of your account "
            f"{name(person.username)} on the admin site, on {moment(at)}.",
            "You are signed out everywhere, and password links that were made before don't work "
            f"any more. {add}: {settings.PUBLIC_URL}{reverse('mfa_index')}",
            "If you did not ask for this, somebody may be trying to get into your account. Tell "
            "another administrator at once, and choose another password.",
        )
    )


def _why(person: Staff) -> str:
    no_email = (
        "no e-mail address of theirs is known"
        if settings.EMAIL_IS_SET_UP
        else ("no e-mail is set up")
    )
    return f"{no_email} and no Discord account is known."


def _is_outside(person: Staff) -> bool:
    """Whether we don't see them in the Discord server, where their account is known."""
    here = Member.objects.filter(in_guild=True)
    return person.discord_id is not None and not here.filter(pk=person.discord_id).exists()


def _one_line(name: str) -> str:
    return " ".join(name.split())


def _in_words(moment: datetime) -> str:
    """`Sunday, November 29, 18:40 EST`."""
    local = timezone.localtime(moment)
    return f"{local:%A, %B} {local.day}, {local:%H:%M %Z}"


def _for_discord(moment: datetime) -> str:
    """In the zone and language of whoever reads it."""
    return f"<t:{int(moment.timestamp())}:f>"

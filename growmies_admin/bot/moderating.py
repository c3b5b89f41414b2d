"""/note, /warn, /case and /history: cases, by staff, in Discord. What they do stands elsewhere.

Who acts is the person on staff whose account this is; the rights are those of the site. Answers are
seen by whoever asked, and nobody else.
"""

import uuid

import discord
from discord import app_commands
from django.conf import settings
from django.contrib.auth import get_user_model

from compliance import policy
from compliance.members import roster
from compliance.moderation import listing, overruling, reasons, recording
from compliance.moderation.models import NOTE_MOST, WORDS_MOST, Case, Kind, Severity, Source
from compliance.refusals import Refusal
from growmies_admin.bot.commands import Answer, MeasuredTree, respond
from growmies_admin.bot.database import in_database
from monitoring.people import Person
from monitoring.ui.words import span

User = discord.User | discord.Member
SHOWN = 10
TAKE_BACK = "case:take-back"
_KEYS = uuid.UUID("5f0b1c1e-6a0e-4a54-9c5f-0d6a3a3c8d11")  # of the commands' request keys
_REASONS = [
    app_commands.Choice(name=reason.label, value=code)
    for code, reason in reasons.everything().items()
]
_SEVERITIES = [app_commands.Choice(name=str(one.label), value=one.value) for one in Severity]
_Text = app_commands.Range[str, 1, NOTE_MOST]
_Words = app_commands.Range[str, 1, WORDS_MOST]


def add_to(tree: MeasuredTree) -> None:
    """Register the commands. Discord shows them to whoever may time members out; the site's rights
    decide."""

    @tree.command(name="warn", description="Warn a member; they read it in a direct message")
    @app_commands.describe(
        member="Whom", reason="For which reason", words="What they read beside the reason",
        severity="Unless it is as usual for the reason",
    )  # fmt: skip
    @app_commands.choices(reason=_REASONS, severity=_SEVERITIES)
    @app_commands.default_permissions(moderate_members=True)
    @app_commands.guild_only()
    async def warn(
        interaction: discord.Interaction,
        member: discord.User,
        reason: str,
        words: _Words = "",
        severity: str = "",
    ) -> None:
        draft = recording.Draft(Kind.WARNING, member.id, reason, words=words, severity=severity)
        await respond(interaction, "warn", _record(interaction, member, draft))

    @tree.command(name="note", description="Write down what staff should know about a member")
    @app_commands.describe(member="About whom", reason="What it is about", text="For staff alone")
    @app_commands.choices(reason=_REASONS)
    @app_commands.default_permissions(moderate_members=True)
    @app_commands.guild_only()
    async def note(
        interaction: discord.Interaction, member: discord.User, reason: str, text: _Text
    ) -> None:
        draft = recording.Draft(Kind.NOTE, member.id, reason, note=text)
        await respond(interaction, "note", _record(interaction, member, draft))

    @tree.command(name="case", description="Look a case up")
    @app_commands.describe(number="Its number")
    @app_commands.default_permissions(moderate_members=True)
    @app_commands.guild_only()
    async def case(
        interaction: discord.Interaction, number: app_commands.Range[int, 1, 2**31 - 1]
    ) -> None:
        await respond(interaction, "case", _show(interaction.user, number))

    @tree.command(name="history", description="The newest cases of a member")
    @app_commands.describe(member="Of whom")
    @app_commands.default_permissions(moderate_members=True)
    @app_commands.guild_only()
    async def history(interaction: discord.Interaction, member: discord.User) -> None:
        await respond(interaction, "history", _history(interaction.user, member.id))


async def take_back(user: User, number: int) -> Answer:
    """Its author has pressed the button, within the undo window or after it."""
    await in_database(_take_back, user.id, number)
    return Answer(f"Case {number} is taken back. The member is told nothing.")


async def _record(interaction: discord.Interaction, member: User, draft: recording.Draft) -> Answer:
    key = uuid.uuid5(_KEYS, str(interaction.id))
    case = await in_database(_recorded, interaction.user.id, member, draft, key)
    if case.kind == Kind.WARNING:
        said = f"<@{member.id}> is warned, and reads it in {span(policy.UNDO_WINDOW)}."
    else:
        said = f"Noted about <@{member.id}>."
    return Answer(
        f"Case {case.number}: {said} {_url(case)}",
        buttons=[("Take it back", f"{TAKE_BACK}:{case.number}")],
    )


async def _show(user: User, number: int) -> Answer:
    return Answer(await in_database(_one, user.id, number))


async def _history(user: User, member_id: int) -> Answer:
    return Answer(await in_database(_of, user.id, member_id))


def _staff(user_id: int, right: str, to: str) -> Person:
    """The person on staff whose account this is. Refusal not_allowed."""
    found: Person | None = (
        get_user_model().objects.filter(discord_id=user_id, is_active=True).first()
    )
    if found is None:
        raise Refusal("not_allowed", "Your Discord account belongs to nobody on the staff.")
    if not found.has_perm(right):
        raise Refusal("not_allowed", f"You may not {to}.")
    return found


def _recorded(user_id: int, member: User, draft: recording.Draft, key: uuid.UUID) -> Case:
    staff = _staff(user_id, "cases.record", "record cases")
    if member.bot:
        raise Refusal("not_allowed", "That is a bot. Cases are about people.")
    if isinstance(member, discord.Member):  # here now, and perhaps new to us
        roster.seen(
            member.id, member.name, display_name=member.display_name, joined_at=member.joined_at
        )
    return recording.record(draft, by=staff, source=Source.DISCORD, key=key)


def _take_back(user_id: int, number: int) -> None:
    staff = _staff(user_id, "cases.record", "record cases")
    overruling.take_back(number, staff=staff)


def _one(user_id: int, number: int) -> str:
    _staff(user_id, "cases.view", "see cases")
    case = Case.objects.select_related("by", "overruling").filter(pk=number).first()
    if case is None:
        raise Refusal("unknown", "There is no case of that number.")
    return f"{_line(case)}\n{_url(case)}"


def _of(user_id: int, member_id: int) -> str:
    _staff(user_id, "cases.view", "see cases")
    found = Case.objects.of(member_id).select_related("by", "overruling").order_by("-number")
    lines = [_line(case) for case in found[:SHOWN]]
    if not lines:
        return f"There is no case about <@{member_id}>."
    return "\n".join([*lines, f"{settings.PUBLIC_URL}/members/{member_id}/"])


def _line(case: Case) -> str:
    """A case in one line, with a time that Discord shows in the reader's zone."""
    row = listing.row_of(case)
    whom = f"<@{case.member_id}>" if case.member_id is not None else "somebody who was erased"
    stands = f", {row.ended}" if row.ended else ""
    return (
        f"**Case {case.number}**: {case.get_kind_display().lower()}, {whom}, {row.reason}, "
        f"{case.get_severity_display().lower()}, by {case.author}, "
        f"<t:{int(case.decided_at.timestamp())}:R>{stands}"
    )


def _url(case: Case) -> str:
    return f"{settings.PUBLIC_URL}/moderation/{case.number}/"

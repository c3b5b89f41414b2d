"""What all commands and buttons share: answers in time, and one place where they are measured."""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from typing import Any

import discord
import structlog
from discord import app_commands
from django.db import Error as DatabaseError

from compliance.refusals import Refusal
from growmies_admin.bot import metrics
from growmies_admin.bot.guild import verified_role

log = structlog.get_logger(__name__)

ANSWER_WITHIN_SECONDS = 2.0  # Discord gives up after three
SORRY = "We can't do that right now. Nothing is lost; please try again in a few minutes."


class Answer:
    """An answer for the member alone: text, and perhaps buttons.

    `link` is (label, URL). `buttons` are (label, custom id): buttons.py knows what they do,
    also after a restart.
    """

    def __init__(
        self,
        text: str,
        link: tuple[str, str] | None = None,
        buttons: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.text = text
        self.view = view_of(link, buttons) if link or buttons else None

    async def send(self, interaction: discord.Interaction) -> None:
        view = self.view if self.view is not None else discord.utils.MISSING
        if interaction.response.is_done():
            await interaction.followup.send(self.text, view=view, ephemeral=True)
        else:
            await interaction.response.send_message(self.text, view=view, ephemeral=True)


def view_of(link: tuple[str, str] | None, buttons: Sequence[tuple[str, str]]) -> discord.ui.View:
    """Buttons that work for ever: discord.py is not to wait for them, it would forget them."""
    view = discord.ui.View(timeout=None)
    if link:
        view.add_item(discord.ui.Button(label=link[0], url=link[1]))
    for place, (label, custom_id) in enumerate(buttons):
        style = discord.ButtonStyle.secondary if place else discord.ButtonStyle.primary
        view.add_item(discord.ui.Button(label=label, custom_id=custom_id, style=style))
    view.stop()
    return view


class MeasuredTree(app_commands.CommandTree[discord.Client]):
    """Counts and times every command by its outcome."""

    async def interaction_check(self, interaction: discord.Interaction) -> bool:
        interaction.extras["began"] = time.monotonic()
        return True

    async def on_error(
        self, interaction: discord.Interaction, error: app_commands.AppCommandError
    ) -> None:
        status = "denied" if isinstance(error, app_commands.CheckFailure) else "error"
        cause = error.__cause__ or error
        if isinstance(cause, discord.NotFound) and cause.code == 10062:
            status = "timeout"
        name = interaction.command.name if interaction.command else "other"
        measure(interaction, status, name)
        log.warning("command_failed", command=name, error=type(cause).__name__)
        try:
            await Answer(SORRY).send(interaction)
        except discord.HTTPException:
            log.warning("command_unanswered", command=name)


def measure(interaction: discord.Interaction, status: str, name: str) -> None:
    """Count one command, or one press of a button; `status` is one of those in docs/metrics.md."""
    took = time.monotonic() - interaction.extras.get("began", time.monotonic())
    metrics.commands_total.inc(
        command=name,
        user_type=user_type(interaction.user),
        channel_type=channel_type(interaction.channel),
        status=status,
    )
    folded = metrics.command_duration.bounded.fold({"command": name, "status": status})
    metrics.command_duration.observe(took, **folded)


def user_type(user: discord.abc.User) -> str:
    if not isinstance(user, discord.Member):
        return "member"
    if user.guild_permissions.administrator:
        return "administrator"
    if user.guild_permissions.manage_messages:
        return "moderator"
    role = verified_role(user.guild)
    return "verified" if role is not None and role in user.roles else "member"


def channel_type(channel: Any) -> str:
    match channel:
        case discord.Thread():
            return "thread"
        case discord.TextChannel():
            return "text"
        case discord.VoiceChannel() | discord.StageChannel():
            return "voice"
        case discord.DMChannel():
            return "dm"
    return "other"


async def respond(
    interaction: discord.Interaction, name: str, work: Coroutine[Any, Any, Answer]
) -> None:
    """Answer in time: when the work is slow, Discord is told to wait for it. `name` is counted."""
    task = asyncio.create_task(work)
    done, _ = await asyncio.wait({task}, timeout=ANSWER_WITHIN_SECONDS)
    if not done:
        try:
            await interaction.response.defer(ephemeral=True, thinking=True)
        except discord.HTTPException:
            task.cancel()  # nobody would read its answer
            raise
    try:
        answer, status = await task, "success"
    except Refusal as refusal:
        answer, status = Answer(refusal.sentence), "denied"
    except DatabaseError as error:
        log.warning("command_without_database", error=type(error).__name__)
        answer, status = Answer(SORRY), "error"
    await answer.send(interaction)
    measure(interaction, status, name)

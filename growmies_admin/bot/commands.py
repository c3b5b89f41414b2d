"""Slash commands, and the one place where all of them are measured."""

import asyncio
import time
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import discord
import structlog
from discord import app_commands
from django.db import Error as DatabaseError

from compliance import policy
from compliance.members import roster
from compliance.verification import requests
from compliance.verification.errors import Refusal
from growmies_admin.bot import metrics
from growmies_admin.bot.database import in_database
from growmies_admin.bot.guild import verified_role

log = structlog.get_logger(__name__)

LINK_MINUTES = policy.UPLOAD_LINK_LIFE // timedelta(minutes=1)
ANSWER_WITHIN_SECONDS = 2.0  # Discord gives up after three
SORRY = "We can't do that right now. Nothing is lost; please try again in a few minutes."


class Answer:
    """An answer for the member alone: text, and perhaps a link button."""

    def __init__(self, text: str, link: tuple[str, str] | None = None) -> None:
        self.text = text
        self.view: discord.ui.View | None = None
        if link:
            self.view = discord.ui.View()
            self.view.add_item(discord.ui.Button(label=link[0], url=link[1]))

    async def send(self, interaction: discord.Interaction) -> None:
        view = self.view if self.view is not None else discord.utils.MISSING
        if interaction.response.is_done():
            await interaction.followup.send(self.text, view=view, ephemeral=True)
        else:
            await interaction.response.send_message(self.text, view=view, ephemeral=True)


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
        measure(interaction, status)
        name = interaction.command.name if interaction.command else ""
        log.warning("command_failed", command=name, error=type(cause).__name__)
        try:
            await Answer(SORRY).send(interaction)
        except discord.HTTPException:
            log.warning("command_unanswered", command=name)


def measure(interaction: discord.Interaction, status: str) -> None:
    """Count one command; `status` as contract.md has it."""
    name = interaction.command.name if interaction.command else None
    name = name or interaction.extras.get("command", "other")
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


def add_to(tree: MeasuredTree) -> None:
    """Register all commands."""

    @tree.command(name="verify", description="Show that you are 21 or over")
    @app_commands.guild_only()
    async def verify(interaction: discord.Interaction) -> None:
        await respond(interaction, _verify(interaction.user))

    @tree.command(name="verify-status", description="See where your age verification stands")
    @app_commands.guild_only()
    async def verify_status(interaction: discord.Interaction) -> None:
        await respond(interaction, _status(interaction.user))


async def respond(
    interaction: discord.Interaction, work: Coroutine[Any, Any, tuple[Answer, str]]
) -> None:
    """Answer in time: when the work is slow, Discord is told to wait for it."""
    task = asyncio.create_task(work)
    done, _ = await asyncio.wait({task}, timeout=ANSWER_WITHIN_SECONDS)
    if not done:
        try:
            await interaction.response.defer(ephemeral=True, thinking=True)
        except discord.HTTPException:
            task.cancel()  # nobody would read its answer
            raise
    try:
        answer, status = await task
    except Refusal as refusal:
        answer, status = Answer(refusal.sentence), "denied"
    except DatabaseError as error:
        log.warning("command_without_database", error=type(error).__name__)
        answer, status = Answer(SORRY), "error"
    await answer.send(interaction)
    measure(interaction, status)


async def _verify(user: discord.User | discord.Member) -> tuple[Answer, str]:
    opened = await in_database(_open, user)
    text = (
        f"Here is your one-time link: {opened.url} (it works for {LINK_MINUTES} minutes and for "
        "you alone: please don't pass it on).\n"
        "You need a picture of your ID on which your photo and date of birth can be read; cover "
        "the rest. A moderator looks at it, and it is destroyed after the decision."
    )
    return Answer(text, ("Open my link", opened.url)), "success"


def _open(user: discord.User | discord.Member) -> requests.Opened:
    member = roster.seen(
        user.id,
        user.name,
        display_name=user.display_name,
        joined_at=user.joined_at if isinstance(user, discord.Member) else None,
    )
    return requests.open_request(member)


async def _status(user: discord.User | discord.Member) -> tuple[Answer, str]:
    return Answer(await in_database(requests.status_words, user.id)), "success"

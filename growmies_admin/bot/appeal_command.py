"""/appeal: a denied member says in their own words why the decision is wrong."""

import asyncio

import discord
import structlog
from discord import app_commands
from django.db import Error as DatabaseError

from compliance import policy
from compliance.appeals import asking, messages
from growmies_admin.bot import commands
from growmies_admin.bot.commands import ANSWER_WITHIN_SECONDS, SORRY, Answer, MeasuredTree
from growmies_admin.bot.database import in_database

log = structlog.get_logger(__name__)


class AppealForm(discord.ui.Modal, title="Appeal"):
    """One field; what was written is kept with the appeal and nowhere else."""

    words: discord.ui.TextInput["AppealForm"] = discord.ui.TextInput(
        label="Why is the decision wrong?",
        style=discord.TextStyle.paragraph,
        placeholder="In your own words. Please no picture and no number of your ID.",
        max_length=policy.APPEAL_MAX_LETTERS,
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await commands.respond(
            interaction, "appeal", _appeal(interaction.user.id, self.words.value)
        )

    async def on_error(  # type: ignore[override]  # a form has no item that failed
        self, interaction: discord.Interaction, error: Exception, /
    ) -> None:
        log.warning("appeal_failed", error=type(error).__name__)
        try:
            await Answer(SORRY).send(interaction)
        except discord.HTTPException:
            log.warning("appeal_unanswered")


def add_to(tree: MeasuredTree) -> None:
    """Register the command."""

    @tree.command(name="appeal", description="Say why a denial was wrong, once it may be appealed")
    @app_commands.guild_only()
    async def appeal(interaction: discord.Interaction) -> None:
        # A form must be the first answer, and in time: there is no waiting as for other commands.
        try:
            refusal = await asyncio.wait_for(
                in_database(asking.why_not, interaction.user.id), ANSWER_WITHIN_SECONDS
            )
        except (TimeoutError, DatabaseError) as error:
            log.warning("command_without_database", error=type(error).__name__)
            await Answer(SORRY).send(interaction)
            commands.measure(interaction, "error", "appeal")
            return
        if refusal is not None:
            await Answer(refusal.sentence).send(interaction)
            commands.measure(interaction, "denied", "appeal")
            return
        await interaction.response.send_modal(AppealForm())  # counted when it is sent


async def _appeal(member_id: int, words: str) -> Answer:
    await in_database(asking.appeal, member_id, words)
    return Answer(messages.RECEIVED)

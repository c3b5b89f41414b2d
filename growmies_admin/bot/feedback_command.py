"""/feedback: how content members are, 1 to 5, once a month and without their name."""

import discord
from discord import app_commands

from compliance.feedback import giving
from growmies_admin.bot.commands import Answer, MeasuredTree, respond
from growmies_admin.bot.database import in_database

THANKS = (
    "Thank you. Your answer is counted, and not kept with your name: nobody can look up what you "
    "said. You can answer again next month."
)
_CHOICES = [
    app_commands.Choice(name=f"{score} – {words}", value=score)
    for score, words in giving.SCORES.items()
]


def add_to(tree: MeasuredTree) -> None:
    """Register the command; only where FEEDBACK_POLL is on."""

    @tree.command(name="feedback", description="Say how content you are with this community")
    @app_commands.describe(score="From 1, not at all, to 5, very much")
    @app_commands.choices(score=_CHOICES)
    @app_commands.guild_only()
    async def feedback(interaction: discord.Interaction, score: int) -> None:
        await respond(interaction, "feedback", _give(interaction.user.id, score))


async def _give(member_id: int, score: int) -> Answer:
    await in_database(giving.give, member_id, score)
    return Answer(THANKS)

"""Give a role, or take it away."""

import discord

from compliance.effects.models import Effect
from growmies_admin.bot.guild import grantable


async def deliver(client: discord.Client, guild: discord.Guild, effect: Effect) -> None:
    role = grantable(guild)
    act = client.http.add_role if effect.payload["present"] else client.http.remove_role
    await act(guild.id, effect.member_id, role.id, reason=f"Age verification, {effect.cause}")

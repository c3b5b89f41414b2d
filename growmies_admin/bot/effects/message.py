"""Write to a member."""

import discord
from discord.http import handle_message_parameters

from compliance.effects.models import Effect
from growmies_admin.bot.answers import code_of
from growmies_admin.bot.database import in_database
from growmies_admin.bot.wording import content_of
from monitoring import discord_answers


async def deliver(client: discord.Client, guild: discord.Guild, effect: Effect) -> None:
    content = await in_database(content_of, effect)
    try:
        channel = await client.http.start_private_message(effect.member_id)
        with handle_message_parameters(
            content=content,
            # Discord answers a repeated nonce with the message it already has.
            nonce=str(effect.pk),
            allowed_mentions=discord.AllowedMentions.none(),
        ) as params:
            await client.http.send_message(channel["id"], params=params)
    except discord.HTTPException as error:
        if code_of(error) in discord_answers.TAKES_NO_MESSAGES:
            # Discord says the same of someone who has left, which we may not have heard yet.
            # It raises 10007 then.
            await client.http.get_member(guild.id, effect.member_id)
        raise

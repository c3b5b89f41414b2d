"""The one guild, its verified role, and whether the bot may give it."""

import discord
from django.conf import settings


class NotPossible(Exception):
    """Discord would refuse: `sentence` says why and what to do; `code` as Discord would say."""

    def __init__(self, sentence: str, code: int) -> None:
        self.sentence = sentence
        self.code = code
        super().__init__(sentence)


def our_guild(client: discord.Client) -> discord.Guild | None:
    """The guild of DISCORD_GUILD_ID, or the only one that the bot is in."""
    if settings.DISCORD_GUILD_ID is not None:
        return client.get_guild(settings.DISCORD_GUILD_ID)
    guilds = client.guilds
    return guilds[0] if len(guilds) == 1 else None


def verified_role(guild: discord.Guild) -> discord.Role | None:
    """The role of DISCORD_VERIFIED_ROLE: a name, or an id."""
    wanted = settings.DISCORD_VERIFIED_ROLE
    if wanted.isdigit() and (role := guild.get_role(int(wanted))):
        return role
    return discord.utils.get(guild.roles, name=wanted)


def grantable(guild: discord.Guild) -> discord.Role:
    """The verified role, when the bot may give and take it. Raises NotPossible."""
    role = verified_role(guild)
    if role is None:
        raise NotPossible(
            f"The guild has no role {settings.DISCORD_VERIFIED_ROLE!r}. Create it, or set "
            "DISCORD_VERIFIED_ROLE, then retry.",
            10011,
        )
    me = guild.me
    if not me.guild_permissions.manage_roles:
        raise NotPossible(
            "The bot lacks the permission Manage Roles. Give it to the bot's role, then retry.",
            50013,
        )
    if role >= me.top_role:
        raise NotPossible(
            f"The role {role.name} stands above the bot's role {me.top_role.name}. Move "
            f"{me.top_role.name} above {role.name} in the server settings, then retry.",
            50013,
        )
    return role

"""How the bot brings Discord to each kind of effect: one module a kind, of the same name as in
compliance/effects/kinds/, with one `deliver`.
"""

import importlib
from typing import Protocol, cast

import discord

from compliance.effects.models import Effect


class Kind(Protocol):
    async def deliver(self, client: discord.Client, guild: discord.Guild, effect: Effect) -> None:
        """Do it; may run twice. Raises what discord.py raises, or NotPossible."""
        ...


def of(name: str) -> Kind:
    return cast(Kind, importlib.import_module(f"{__name__}.{name}"))

"""Keeps the members' table in step with the guild, in slices that never hold the event loop."""

import asyncio

import discord
from django.utils import timezone

from compliance.effects import delivery
from compliance.effects.models import Effect, EffectState
from compliance.members import roster
from compliance.verification import rejoining
from growmies_admin.bot.counts import in_slices
from growmies_admin.bot.database import in_database
from growmies_admin.bot.guild import verified_role
from growmies_admin.bot.roll_call import RollCall

SLICE = 500  # members a statement


def as_seen(member: discord.Member, role: discord.Role | None) -> roster.Seen:
    return roster.Seen(
        discord_id=member.id,
        username=member.name,
        display_name=member.display_name,
        joined_at=member.joined_at,
        has_verified_role=role is not None and member.get_role(role.id) is not None,
    )


async def scan(guild: discord.Guild, turn: asyncio.Lock, roll: RollCall) -> int:
    """Write every member down, mark who left meanwhile, and wake what was parked for them.

    Run at each READY: what happened while the bot was away is caught up here. `turn` is held
    for each slice, so that what an event told is never overwritten with what was before it. Nobody
    is marked as gone unless `roll` has everybody.
    """
    began = timezone.now()
    role = verified_role(guild)
    people: list[int] = []

    def look(member: discord.Member) -> None:
        if not member.bot:
            people.append(member.id)

    await in_slices(guild.members, look)
    for start in range(0, len(people), SLICE):
        async with turn:
            # As they are now: an event may have changed them, or told that they left.
            here = [guild.get_member(member_id) for member_id in people[start : start + SLICE]]
            await in_database(roster.seen_many, [as_seen(m, role) for m in here if m is not None])
    if roll.has_all(guild):
        await in_database(roster.absent_since, began)
    for member_id in await in_database(_parked_members):
        if guild.get_member(member_id) is not None:
            await in_database(delivery.unpark, member_id)
    await in_database(rejoining.give_again)
    return len(people)


async def joined(member: discord.Member) -> None:
    """A member joined, or came back: what waited for them may go on."""
    await changed(member)
    await in_database(delivery.unpark, member.id)
    await in_database(rejoining.give_again, [member.id])


async def changed(member: discord.Member) -> None:
    await in_database(roster.seen_many, [as_seen(member, verified_role(member.guild))])


async def left(discord_id: int) -> None:
    await in_database(roster.left, discord_id)


def _parked_members() -> list[int]:
    parked = Effect.objects.filter(state=EffectState.PARKED)
    return list(parked.values_list("member_id", flat=True).distinct())

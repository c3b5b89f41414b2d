"""Presses of buttons, told apart by their custom ids alone: so they work after every restart."""

import re
import time
from collections.abc import Coroutine
from typing import Any

import discord
import structlog

from compliance.verification.states import Method
from growmies_admin.bot import moderating, verifying
from growmies_admin.bot.commands import SORRY, Answer, measure, respond

log = structlog.get_logger(__name__)

_METHOD = re.compile(r"verify:method:(\w+)")
_AGREE = re.compile(r"verify:agree:(\w+):([0-9]{1,6})")
_WITHDRAW = re.compile(r"verify:withdraw:([0-9]{1,18})")
_WITHDRAW_NOW = re.compile(r"verify:withdraw-now:([0-9]{1,18})")
_TAKE_BACK = re.compile(r"case:take-back:([0-9]{1,9})")
Work = Coroutine[Any, Any, Answer]


async def pressed(interaction: discord.Interaction) -> None:
    """Answer the press of one of our buttons; what is none of ours is left alone."""
    if interaction.type is not discord.InteractionType.component:
        return
    data: Any = interaction.data
    custom_id = str(data["custom_id"])
    found = _work(custom_id, interaction.user)
    if found is None:
        return
    interaction.extras["began"] = time.monotonic()
    name, work = found
    await _measured(interaction, name, work)


async def _measured(interaction: discord.Interaction, name: str, work: Work) -> None:
    try:
        await respond(interaction, name, work)
    except Exception as error:
        is_late = isinstance(error, discord.NotFound) and error.code == 10062
        measure(interaction, "timeout" if is_late else "error", name)
        log.warning("button_failed", button=name, error=type(error).__name__)
        try:
            await Answer(SORRY).send(interaction)
        except discord.HTTPException:
            log.warning("button_unanswered", button=name)


def _work(custom_id: str, user: discord.User | discord.Member) -> tuple[str, Work] | None:
    """What a button does, and under which name it is counted."""
    if custom_id == verifying.VERIFY:
        return "verify", verifying.verify(user)
    if (found := _METHOD.fullmatch(custom_id)) and found[1] in Method.values:
        return "verify-method", verifying.choose(user, Method(found[1]))
    if (found := _AGREE.fullmatch(custom_id)) and found[1] in Method.values:
        return "verify-consent", verifying.agree(user, Method(found[1]), int(found[2]))
    if found := _WITHDRAW.fullmatch(custom_id):
        return "verify-withdraw", verifying.ask_to_withdraw(int(found[1]))
    if found := _WITHDRAW_NOW.fullmatch(custom_id):
        return "verify-withdraw", verifying.withdraw(user, int(found[1]))
    if found := _TAKE_BACK.fullmatch(custom_id):
        return "case-take-back", moderating.take_back(user, int(found[1]))
    return None

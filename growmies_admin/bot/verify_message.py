"""Keeps one message with a "Verify" button in the verification channel.

At each READY it is brought up to date, or posted where it is missing; when somebody deletes
it, it is posted again. Which message it is stands in the database.
"""

from collections.abc import Collection

import discord
import structlog
from django.conf import settings

from compliance import policy
from growmies_admin.bot.chores import Chore
from growmies_admin.bot.commands import view_of
from growmies_admin.bot.database import in_database
from growmies_admin.bot.guild import our_guild
from growmies_admin.bot.models import PostedMessage
from growmies_admin.bot.verifying import VERIFY

log = structlog.get_logger(__name__)

TRY_AGAIN_SECONDS = 60
TEXT = (
    f"**This community is for adults of {policy.AGE_THRESHOLD_YEARS} and over.**\n"
    "Press the button to show that you are. Only you see the answer; your date of birth is kept "
    "nowhere."
)


class VerifyMessage:
    """The message of one client. Without DISCORD_VERIFICATION_CHANNEL it does nothing."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self.chore = Chore("verify message", self._keep, again_seconds=TRY_AGAIN_SECONDS)
        self.wake, self.run = self.chore.wake, self.chore.run
        self._message_id = 0

    def gone(self, message_ids: Collection[int]) -> None:
        """These messages were deleted in Discord."""
        if self._message_id in message_ids:
            self.wake()

    async def _keep(self) -> None:
        guild = our_guild(self._client)
        if guild is None or not settings.DISCORD_VERIFICATION_CHANNEL:
            return
        channel = _channel(guild)
        if channel is None:
            log.error(
                "no_verification_channel",
                wanted=settings.DISCORD_VERIFICATION_CHANNEL,
                hint="Create it, or set DISCORD_VERIFICATION_CHANNEL, then restart the bot.",
            )
            return
        try:
            await self._keep_in(guild, channel)
        except discord.Forbidden:
            log.error(
                "verify_message_refused",
                channel=channel.name,
                hint="Let the bot's role view the channel and send messages there.",
            )

    async def _keep_in(self, guild: discord.Guild, channel: discord.TextChannel) -> None:
        posted = await in_database(_posted)
        view = view_of(None, [("Verify", VERIFY)])
        if posted is not None and posted.channel_id == channel.id:
            try:
                await channel.get_partial_message(posted.message_id).edit(content=TEXT, view=view)
            except discord.NotFound:
                pass  # deleted: it is posted again below
            else:
                self._message_id = posted.message_id
                return
        message = await channel.send(TEXT, view=view)
        self._message_id = message.id
        await in_database(_remember, channel.id, message.id)
        log.info("verify_message_posted", channel=channel.name)
        if posted is not None and posted.channel_id != channel.id:
            await _remove(guild, posted)


def _channel(guild: discord.Guild) -> discord.TextChannel | None:
    wanted = settings.DISCORD_VERIFICATION_CHANNEL
    found = guild.get_channel(int(wanted)) if wanted.isdigit() else None
    if isinstance(found, discord.TextChannel):
        return found
    return discord.utils.get(guild.text_channels, name=wanted)


async def _remove(guild: discord.Guild, posted: PostedMessage) -> None:
    """The channel is another one now: the button there would work on, but nobody keeps it."""
    former = guild.get_channel(posted.channel_id)
    if isinstance(former, discord.TextChannel):
        try:
            await former.get_partial_message(posted.message_id).delete()
        except discord.HTTPException as error:
            log.warning("verify_message_not_removed", error=type(error).__name__)


def _posted() -> PostedMessage | None:
    return PostedMessage.objects.filter(name=VERIFY).first()


def _remember(channel_id: int, message_id: int) -> None:
    PostedMessage.objects.update_or_create(
        name=VERIFY, defaults={"channel_id": channel_id, "message_id": message_id}
    )

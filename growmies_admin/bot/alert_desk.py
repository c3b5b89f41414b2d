"""Alerts in Discord: the webhooks that a worker writes through, and the buttons under them."""

import asyncio
from typing import Any

import discord
import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.utils import timezone

from growmies_admin.accounts.models import Staff
from growmies_admin.bot.chores import OUTAGES
from growmies_admin.bot.database import in_database
from growmies_admin.bot.guild import our_guild
from monitoring import policy
from monitoring.alerts import acknowledging, silencing
from monitoring.alerts.messages import ACKNOWLEDGE, SILENCE
from monitoring.alerts.models import Alert
from monitoring.delivery.transports.discord import webhooks
from monitoring.delivery.transports.discord.channels import DISCORD_CHANNELS
from monitoring.refusals import Refusal
from monitoring.ui import params
from monitoring.ui.words import span

log = structlog.get_logger(__name__)

WEBHOOK_NAME = "Growmies monitoring"
LOOK_SECONDS = 60.0
_API = "https://discord.com/api/v10"
_SORRY = "We can't do that right now. Open the alert on the site, or try again in a minute."


class AlertDesk:
    """Keeps a webhook in each channel of alerts, and lets staff act from Discord."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._said: set[str] = set()

    async def run(self) -> None:
        """Look at once and every minute; survives every outage of PostgreSQL and Discord."""
        while True:
            guild = our_guild(self._client) if self._client.is_ready() else None
            if guild is not None and not guild.unavailable:
                try:
                    await self.look(guild)
                except OUTAGES as error:
                    log.warning("alert_webhooks_not_kept", error=type(error).__name__)
                except Exception:
                    log.exception("alert_webhooks_not_kept")
            await asyncio.sleep(LOOK_SECONDS if guild is not None else 1.0)

    async def look(self, guild: discord.Guild) -> None:
        """Make the webhooks that are missing, and forget those of channels that are gone or have
        another name; usually there is nothing to do."""
        kept = await in_database(webhooks.channels)
        wanted = {c.name: c for c in guild.text_channels if c.name in DISCORD_CHANNELS}
        for name in kept if guild.text_channels else ():
            if name not in wanted:
                await in_database(webhooks.drop, name)
                log.warning("alert_channel_gone", channel=name)
        missing = [channel for name, channel in wanted.items() if name not in kept]
        if not missing:
            return
        for channel in missing:
            if not channel.permissions_for(guild.me).manage_webhooks:
                self._say(channel.name)
                continue
            await self._keep(channel)

    async def handle(self, interaction: discord.Interaction) -> bool:
        """A button was pressed: act with the rights of the staff member. False: not ours."""
        data: dict[str, Any] = dict(interaction.data or {})
        custom_id = str(data.get("custom_id", ""))
        prefix = next((p for p in (ACKNOWLEDGE, SILENCE) if custom_id.startswith(p)), None)
        alert_id = params.whole(custom_id.removeprefix(prefix or ""))
        if prefix is None or alert_id is None:
            return False
        try:
            words = await in_database(_act, prefix, alert_id, interaction.user.id)
        except DatabaseError as error:
            log.warning("alert_button_without_database", error=type(error).__name__)
            words = _SORRY
        await interaction.response.send_message(
            words, ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
        )
        return True

    async def _keep(self, channel: discord.TextChannel) -> None:
        ours = [
            webhook
            for webhook in await channel.webhooks()
            if webhook.token and webhook.user is not None and webhook.user.id == self._me
        ]
        found = ours[0] if ours else await channel.create_webhook(
            name=WEBHOOK_NAME, reason="Messages about alerts"
        )  # fmt: skip
        url = f"{settings.DISCORD_API_URL or _API}/webhooks/{found.id}/{found.token}"
        await in_database(webhooks.keep, channel.name, found.id, url)
        log.info("alert_webhook_kept", channel=channel.name, made=not ours)

    @property
    def _me(self) -> int:
        return self._client.user.id if self._client.user is not None else 0

    def _say(self, channel: str) -> None:
        if channel not in self._said:
            self._said.add(channel)
            log.error("alert_webhook_not_allowed", channel=channel, hint="Give Manage Webhooks.")


def _act(prefix: str, alert_id: int, discord_id: int) -> str:
    """What the person is told; whatever is refused changes nothing."""
    person = Staff.objects.filter(discord_id=discord_id, is_active=True).first()
    if person is None:
        return "Your Discord account belongs to nobody on staff. An administrator can link it."
    right = "alerts.acknowledge" if prefix == ACKNOWLEDGE else "alerts.silence"
    if not person.has_perm(right):
        return f"You may not {'acknowledge' if prefix == ACKNOWLEDGE else 'silence'} alerts."
    try:
        if prefix == ACKNOWLEDGE:
            acknowledging.acknowledge(alert_id, by=person, comment="From Discord")
            return "Acknowledged. Thank you."
        until = timezone.now() + policy.SILENCES[0]
        silencing.silence(alert_id, by=person, until=until, comment="From Discord")
    except Refusal as why:
        return str(why)
    except Alert.DoesNotExist:
        return "This alert is not kept any more."
    return f"Silenced for {span(policy.SILENCES[0])}."

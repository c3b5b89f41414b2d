"""The gateway client: intents and caches on purpose; events go to the modules that need them."""

import asyncio
import gc
import hashlib
import json
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any, TypeVar

import discord
import structlog
from django.conf import settings
from django.utils import timezone

from compliance import policy
from compliance.effects import delivery
from growmies_admin import policy as bot_policy
from growmies_admin.bot import (
    appeal_command,
    buttons,
    commands,
    feedback_command,
    invalid_requests,
    metrics,
    moderating,
    reading,
    roster_sync,
    verifying,
)
from growmies_admin.bot.activity import Activity
from growmies_admin.bot.alert_desk import AlertDesk
from growmies_admin.bot.chores import Chore
from growmies_admin.bot.database import in_database
from growmies_admin.bot.delivering import Delivery
from growmies_admin.bot.engagement import Engagement
from growmies_admin.bot.guild import NotPossible, grantable, our_guild, verified_role
from growmies_admin.bot.ratelimits import RateLimits
from growmies_admin.bot.roll_call import RollCall
from growmies_admin.bot.session_starts import SessionStarts
from growmies_admin.bot.verify_message import VerifyMessage
from monitoring.alerts import raising

log = structlog.get_logger(__name__)
T = TypeVar("T")
_NOT_GRANTABLE = raising.Kind("RoleNotGrantable", "critical", "effects")


def intents() -> discord.Intents:
    """What we listen to, and nothing else (docs/bot.md says what each is for)."""
    wanted = discord.Intents.none()
    wanted.guilds = wanted.members = True
    wanted.guild_messages = wanted.message_content = True
    wanted.voice_states = True
    wanted.presences = settings.DISCORD_PRESENCES
    return wanted


class Bot(discord.Client):
    """Joins the site to the guild. Everything it decides stands in PostgreSQL, not here."""

    def __init__(self, limits: RateLimits, starts: SessionStarts | None = None) -> None:
        super().__init__(
            intents=intents(),
            max_messages=None,  # no message is ever kept
            member_cache_flags=discord.MemberCacheFlags.from_intents(intents()),
            chunk_guilds_at_startup=True,
            allowed_mentions=discord.AllowedMentions.none(),
            http_trace=limits.trace(),
            max_ratelimit_timeout=30.0,
        )
        self._starts = starts or SessionStarts()
        self.roll = RollCall()
        reading.guard(self, self.roll)
        self.limits = limits
        limits.on_global_over = self._global_is_over
        self.tree = commands.MeasuredTree(self)
        verifying.add_to(self.tree)
        appeal_command.add_to(self.tree)
        moderating.add_to(self.tree)
        if settings.FEEDBACK_POLL:
            feedback_command.add_to(self.tree)
        self.delivery = Delivery(self, limits, self.roll)
        self.figures = Activity(self)
        self.engagement = Engagement()
        self.verify_message = VerifyMessage(self)
        self.alerts = AlertDesk(self)
        self.commands_sync = Chore("commands", self._sync_commands, again_seconds=60)
        self._turn = asyncio.Lock()  # whose turn it is to write members down
        self.roster_scan = Chore(
            "roster", self._scan, again_seconds=5, every_seconds=policy.ROSTER_SCAN.total_seconds()
        )
        self.invalid_requests = Chore(
            "invalid_requests",
            lambda: invalid_requests.save(limits),
            again_seconds=10,
            every_seconds=bot_policy.INVALID_REQUESTS_SAVED_EVERY.total_seconds(),
        )
        self._synced = ""
        # Whether events arrive now. discord.py's is_ready() stays true over a lost connection.
        self.online = False
        # The session's READY; a resumed session has lost no event and goes on.
        self.connected_since: datetime | None = None

    def background(self) -> list[Coroutine[Any, Any, None]]:
        """What runs beside the gateway until it is cancelled."""
        return [
            self.delivery.run(),
            self.figures.run(),
            self.figures.watch_loop(),
            self.engagement.run(),
            self.alerts.run(),
            self.verify_message.run(),
            self.roster_scan.run(),
            self.commands_sync.run(),
            self.invalid_requests.run(),
        ]

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Count each event here: as a handler, `on_socket_event_type` would cost a task each."""
        if event == "socket_event_type":
            self.figures.event()
        else:
            super().dispatch(event, *args, **kwargs)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Raises session_starts.TooMany, which ends this client: running.py waits then."""
        await self._starts.begin(self.http)
        await super().before_identify_hook(shard_id, initial=initial)

    def _global_is_over(self) -> None:
        """discord.py's own call may have been cancelled before it let the others go on again."""
        self.http._global_over.set()

    def _is_online(self, yes: bool) -> None:
        self.online = yes
        metrics.connected.set(float(yes))

    async def on_disconnect(self) -> None:
        self._is_online(False)
        self.engagement.disconnected()

    async def on_ready(self) -> None:
        self._is_online(True)
        self.connected_since = timezone.now()
        guild = our_guild(self)
        if guild is None:
            log.error(
                "no_guild",
                hint="Invite the bot to one guild, or set DISCORD_GUILD_ID.",
                guilds=len(self.guilds),
            )
            return
        log.info("ready", guild=str(guild.id), members=guild.member_count)
        _settle_memory()
        self.figures.learn_channels(guild)
        self.engagement.connected(guild)
        await self._say_what_is_missing(guild)
        self.verify_message.wake()
        self.commands_sync.wake()
        await self._catch_up()

    async def on_resumed(self) -> None:
        self._is_online(True)
        log.info("resumed")
        if (guild := our_guild(self)) is not None:
            self.engagement.connected(guild)
        await _tolerant(in_database(delivery.hasten))
        self.delivery.wake()

    async def on_guild_available(self, guild: discord.Guild) -> None:
        if self.is_ready() and self._is_ours(guild):
            self.engagement.connected(guild)
            await self._catch_up()

    async def on_member_join(self, member: discord.Member) -> None:
        if not self._is_ours(member.guild):
            return
        self.figures.bots.met(member)
        self.figures.counts.presence(member)
        self.figures.counts.roles(member, verified_role(member.guild))
        if not member.bot:
            await self._write_down(roster_sync.joined, member)
            self.delivery.wake()

    async def on_member_update(self, before: discord.Member, after: discord.Member) -> None:
        if not self._is_ours(after.guild) or after.bot:
            return
        role = verified_role(after.guild)
        had, has = role in before.roles, role in after.roles
        self.figures.counts.roles(after, role)
        if had != has or before.nick != after.nick:
            await self._write_down(roster_sync.changed, after)

    async def on_user_update(self, before: discord.User, after: discord.User) -> None:
        """Who is renamed in Discord itself, or shows another name everywhere."""
        guild = our_guild(self)
        member = guild.get_member(after.id) if guild is not None else None
        if member is None or member.bot:
            return
        if (before.name, before.global_name) != (after.name, after.global_name):
            await self._write_down(roster_sync.changed, member)

    async def on_raw_member_remove(self, payload: discord.RawMemberRemoveEvent) -> None:
        guild = our_guild(self)
        if guild is not None and payload.guild_id == guild.id:
            self.figures.counts.gone(payload.user.id)
            if not payload.user.bot:
                await self._write_down(roster_sync.left, payload.user.id)

    async def on_presence_update(self, before: discord.Member, after: discord.Member) -> None:
        if self._is_ours(after.guild):
            self.figures.counts.presence(after)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        if interaction.guild is not None and self._is_ours(interaction.guild):
            self.engagement.acted(interaction.user.id)
        if interaction.type is discord.InteractionType.component:
            # Each answers its own buttons and leaves those of the other alone.
            await buttons.pressed(interaction)
            await self.alerts.handle(interaction)

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        self.verify_message.gone({payload.message_id})

    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        self.verify_message.gone(payload.message_ids)

    async def on_message(self, message: discord.Message) -> None:
        if message.guild is not None and self._is_ours(message.guild):
            self.figures.message(message)
            self.engagement.message(message)

    async def on_voice_state_update(
        self, member: discord.Member, before: discord.VoiceState, after: discord.VoiceState
    ) -> None:
        if self._is_ours(member.guild):
            self.figures.counts.in_voice(member, after.channel)
            if before.channel != after.channel:
                self.engagement.voice(member, after.channel)

    async def on_error(self, event_method: str, /, *args: object, **kwargs: object) -> None:
        log.exception("event_failed", handler=event_method)

    def _is_ours(self, guild: discord.Guild) -> bool:
        ours = our_guild(self)
        return ours is not None and ours.id == guild.id

    async def _say_what_is_missing(self, guild: discord.Guild) -> None:
        try:
            grantable(guild)
        except NotPossible as no:
            log.error("role_not_grantable", what=no.sentence)
            await _tolerant(
                in_database(
                    raising.raise_alert,
                    _NOT_GRANTABLE,
                    summary="The bot can't give the verified role",
                    description=no.sentence,
                )
            )
        else:
            await _tolerant(in_database(raising.lower, _NOT_GRANTABLE))

    async def _write_down(self, act: Callable[[T], Awaitable[object]], seen: T) -> None:
        """In the order of the events: discord.py starts a task for each, and a leave that ends
        after the join that followed it would make an absent member of a present one.

        What was missed while PostgreSQL is away is found again by a scan.
        """
        async with self._turn:
            written = await _tolerant(act(seen))
        if not written:
            self.roster_scan.wake()

    async def _catch_up(self) -> None:
        """After a time without events: everything may be tried again, everybody looked at."""
        await _tolerant(in_database(delivery.hasten))
        self.delivery.wake()
        self.roster_scan.wake()

    async def _scan(self) -> None:
        guild = our_guild(self)
        if guild is None or guild.unavailable:
            return  # it is woken when the guild is there
        await self.roll.ask(guild, with_presences=self.intents.presences)
        await roster_sync.scan(guild, self._turn, self.roll)
        self.delivery.wake()

    async def _sync_commands(self) -> None:
        """Tell Discord our commands, once per change: it limits how often."""
        guild = our_guild(self)
        wanted = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        digest = hashlib.sha256(json.dumps(wanted, sort_keys=True, default=str).encode())
        if guild is None or self._synced == digest.hexdigest():
            return
        self.tree.copy_global_to(guild=guild)
        await self.tree.sync(guild=guild)
        self._synced = digest.hexdigest()


def _settle_memory() -> None:
    """Take the members' cache out of the garbage collector's rounds.

    With 100,000 members a full round holds the event loop for a good part of a second, and
    would find nothing. At a new READY the cache before is garbage: then it is looked at once.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


async def _tolerant(work: Awaitable[object]) -> bool:
    """False when PostgreSQL is away; whoever called says what makes up for it."""
    try:
        await work
    except Exception as error:
        log.warning("not_written", error=type(error).__name__)
        return False
    return True

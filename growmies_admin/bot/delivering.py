"""Delivers effects: takes what is due, tells Discord, records the answer."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import aiohttp
import discord
import psycopg
import structlog

from compliance import policy
from compliance.effects import delivery, kinds, outbox
from compliance.effects.models import Effect
from compliance.verification import rejoining
from growmies_admin.bot import effects, metrics
from growmies_admin.bot.answers import code_of
from growmies_admin.bot.database import in_database, listening_connection
from growmies_admin.bot.guild import NotPossible, our_guild, verified_role
from growmies_admin.bot.ratelimits import RateLimits
from growmies_admin.bot.roll_call import RollCall
from monitoring import discord_answers, locks
from monitoring.discord_answers import Meaning

log = structlog.get_logger(__name__)

AT_ONCE = 5
ATTEMPT_SECONDS = 40  # shorter than the lease, so that a slow attempt never has a rival
_STILL_AT_IT = (504, 524)  # a server before Discord's has given up waiting for it


class Delivery:
    """One loop: it sleeps until the next effect is due, or PostgreSQL's NOTIFY wakes it."""

    def __init__(self, client: discord.Client, limits: RateLimits, roll: RollCall) -> None:
        self._client = client
        self._roll = roll
        self._limits = limits
        self._wake = asyncio.Event()
        self._stopping = False
        self._holds_lock = False
        self._first_lock = True
        self._not_before = 0.0
        self._running: dict[asyncio.Task[None], int] = {}  # with the id of the effect

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Deliver until stop(); survives every outage of PostgreSQL and Discord."""
        listener = asyncio.create_task(self._listen())
        try:
            while not self._stopping:
                pause = policy.EFFECT_POLL.total_seconds()
                try:
                    pause = await self._round()
                except Exception as error:
                    log.warning("effects_round_failed", error=type(error).__name__)
                # Slowed, it is not woken early by what ends or arrives.
                while (slow := self._not_before - asyncio.get_running_loop().time()) > 0:
                    if self._stopping:
                        break
                    await asyncio.sleep(min(slow, 0.5))
                self._wake.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._wake.wait()
        finally:
            listener.cancel()

    async def stop(self, within_seconds: float = 5) -> None:
        """Take nothing new and let what is under way end; what doesn't is handed back."""
        self._stopping = True
        self.wake()
        if self._running:
            await asyncio.wait(self._running, timeout=within_seconds)

    async def _listen(self) -> None:
        """Hold the delivery lock and pass on notifications. One bot delivers at a time.

        In SQL for want of a model: LISTEN, on a connection of its own.
        """
        while True:
            try:
                async with await listening_connection() as connection:
                    while not await _try_lock(connection):  # noqa: ASYNC110 - another bot's lock
                        await asyncio.sleep(policy.EFFECT_POLL.total_seconds())
                    await self._locked()
                    await connection.execute(f"LISTEN {outbox.CHANNEL}")
                    self.wake()
                    async for _ in connection.notifies():
                        self.wake()
            except Exception as error:  # Django's too: without this loop nothing is delivered
                log.warning("effects_listen_lost", error=type(error).__name__)
            self._holds_lock = False
            await asyncio.sleep(1)

    async def _locked(self) -> None:
        if self._first_lock:
            # A bot before us may have died: what it held is nobody's now.
            await in_database(delivery.release_all_leases)
            self._first_lock = False
        self._holds_lock = True

    async def _round(self) -> float:
        """Start what is due; returns the seconds until the next look."""
        poll = policy.EFFECT_POLL.total_seconds()
        guild = our_guild(self._client)
        if not self._holds_lock or guild is None or guild.unavailable:
            return poll
        pause = self._limits.pause_seconds()
        if pause:
            log.error("effects_slowed_for_invalid_requests", left=self._limits.invalid_left())
        if self._limits.must_pause():
            return pause
        await in_database(delivery.release_expired_leases, list(self._running.values()))
        at_once = 1 if pause else AT_ONCE
        free = at_once - len(self._running)
        if free <= 0:
            return poll
        for effect in await in_database(delivery.lease_due, free):
            task = asyncio.create_task(self._deliver(guild, effect))
            self._running[task] = effect.pk
            task.add_done_callback(self._done)
        if pause:
            self._not_before = asyncio.get_running_loop().time() + pause
        due_at = await in_database(delivery.next_due_at)
        if due_at is None:
            return poll
        return min(max((due_at - datetime.now(UTC)).total_seconds(), 0.01), poll)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        self.wake()

    async def _deliver(self, guild: discord.Guild, effect: Effect) -> None:
        before = guild.get_member(effect.member_id)
        outcome, record, args = await self._attempt(guild, effect)
        metrics.effect_deliveries_total.inc(kind=effect.kind, outcome=outcome)
        if outcome == "delivered":
            waited = (datetime.now(UTC) - effect.not_before).total_seconds()
            metrics.effect_delay.observe(max(waited, 0.0), kind=effect.kind)
        log.info("effect", effect=effect.pk, kind=effect.kind, outcome=outcome)
        await self._tell(record, effect, *args)
        is_lost = outcome == "delivered" and kinds.get(effect.kind).is_lost_by_leaving
        if outcome != "parked" and not is_lost:
            return
        now = await self._now_in_the_guild(effect.member_id)
        if now is None or (before is not None and now.joined_at == before.joined_at):
            return
        # They came back before it was written down, so their join found nothing to do.
        if outcome == "parked":
            await self._tell(delivery.unpark, effect.member_id)
        else:
            await self._give_again(effect.member_id)

    async def _give_again(self, member_id: int) -> None:
        """To who lost the role by leaving, as soon as it is written down that they are back."""
        for _ in range(60):
            member = await self._now_in_the_guild(member_id)
            if member is None or verified_role(member.guild) in member.roles:
                return
            if await self._tell(rejoining.give_again, [member_id]):
                return
            await asyncio.sleep(1)

    async def _now_in_the_guild(self, member_id: int) -> discord.Member | None:
        """As Discord tells it by now. A new session tells its members a little later."""
        for _ in range(60):
            guild = our_guild(self._client)
            if guild is not None and self._roll.has_all(guild):
                return guild.get_member(member_id)
            await asyncio.sleep(1)
        return None

    async def _tell(self, act: Callable[..., object], *args: Any) -> object:
        """Something has happened: it must be written down, however long PostgreSQL is away."""
        while True:
            try:
                return await in_database(act, *args)
            except Exception as error:
                log.warning("effect_not_recorded", error=type(error).__name__)
                await asyncio.sleep(1)

    def _is_outside(self, guild: discord.Guild, member_id: int) -> bool:
        return self._roll.has_all(guild) and guild.get_member(member_id) is None

    async def _attempt(
        self, guild: discord.Guild, effect: Effect
    ) -> tuple[str, Callable[..., bool], tuple[Any, ...]]:
        """(outcome, act that records it, the act's further arguments)."""
        kind = kinds.get(effect.kind)
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                if kind.needs_them_here and self._is_outside(guild, effect.member_id):
                    # Discord lets a bot write to nobody with whom it shares no guild.
                    return "parked", delivery.park, ()
                await effects.of(effect.kind).deliver(self._client, guild, effect)
        except NotPossible as no:
            return "failed", delivery.failed, (no.sentence, no.code)
        except discord.HTTPException as error:
            return _verdict(guild, effect, error)
        except discord.RateLimited:
            return "retry", delivery.retry_later, ("Discord asks for a longer pause", None)
        except aiohttp.ClientConnectorError:
            return "retry", delivery.retry_later, ("Discord can't be reached", None)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return "retry", delivery.no_answer, (f"No answer: {type(error).__name__}",)
        except Exception as error:
            log.exception("effect_attempt_failed", effect=effect.pk)
            return "retry", delivery.retry_later, (f"Our own error: {type(error).__name__}", None)
        return "delivered", delivery.delivered, ()


def _verdict(
    guild: discord.Guild, effect: Effect, error: discord.HTTPException
) -> tuple[str, Callable[..., bool], tuple[Any, ...]]:
    """What Discord's refusal means: the member is away, never, or later."""
    code = code_of(error)
    answer = discord_answers.read(error.status, code, error.text)
    if answer.meaning is Meaning.AWAY:
        if guild.get_member(effect.member_id) is None:
            return "parked", delivery.park, ()
        return "retry", delivery.retry_later, ("Discord does not see the member yet", code)
    if answer.meaning in (Meaning.FINAL, Meaning.GONE):
        return "failed", delivery.failed, (answer.words, code)
    if error.status in _STILL_AT_IT:
        return "retry", delivery.no_answer, (answer.words,)
    return "retry", delivery.retry_later, (answer.words, code)


async def _try_lock(connection: psycopg.AsyncConnection[Any]) -> bool:
    # In SQL for a race, as in monitoring/locks.py.
    cursor = await connection.execute(locks.TRY_FOR_CONNECTION, [locks.Lock.EFFECT_DELIVERY.value])
    row = await cursor.fetchone()
    return bool(row and row[0])

"""Who is active, for how long, and where: kept in memory, written away as sums and sketches.

Event handlers only touch sets and dictionaries. What is written carries no member: a sketch in
Valkey (active_members.py), sums in PostgreSQL (activity_days.py). While one of them is away its
part waits here, up to a bound; what is lost beyond it, or with a bot that dies, shows as time
that was not counted.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import discord
import structlog

from growmies_admin import policy
from growmies_admin.bot import active_members, activity_days, metrics
from growmies_admin.bot.active_members import Batch
from growmies_admin.bot.activity_days import NOTHING, Kind, Sum, Where
from growmies_admin.bot.database import in_database
from monitoring.kpis.days import ZONE, day_of

log = structlog.get_logger(__name__)
OTHER = "other"
_PAUSE_SECONDS = policy.SESSION_PAUSE.total_seconds()
_LEAST_SECONDS = policy.SESSION_LEAST.total_seconds()
_BEAT_SECONDS = policy.ACTIVE_WRITTEN_EVERY.total_seconds()
_SUMS_EVERY_SECONDS = policy.ACTIVITY_WRITTEN_EVERY.total_seconds()
_STOP_SECONDS = 2
_LONGEST_DAY_SECONDS = 25 * 3600


class Engagement:
    """Of one client. `clock` tells the Unix time."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self.batch = Batch()
        self.sums: dict[Where, Sum] = {}
        # Begin and last act, oldest act first.
        self._sessions: OrderedDict[int, tuple[float, float]] = OrderedDict()
        self._voice: dict[int, tuple[str, float]] = {}  # channel, and until when it is summed up
        self._text: dict[int, str] = {}
        self._rooms: dict[int, str] = {}
        self._counted_until: float | None = None
        self._zeroed: date | None = None
        self._day = date.min
        self._day_ends = 0.0  # Unix time

    # What happens

    def message(self, message: discord.Message) -> None:
        """A person wrote. A thread counts to its channel."""
        if message.author.bot or message.webhook_id is not None or message.is_system():
            return
        channel = message.channel
        parent = channel.parent_id if isinstance(channel, discord.Thread) else channel.id
        name = self._text.get(parent, OTHER)
        self._add(Where(self._today(), Kind.MESSAGE, name), number=1)
        self.acted(message.author.id)

    def acted(self, member_id: int) -> None:
        """A member wrote, used a command or a button, or went into voice."""
        now = self._clock()
        self.batch.add(self._today(), member_id)
        began, last = self._sessions.pop(member_id, (now, now))
        if now - last > _PAUSE_SECONDS and member_id not in self._voice:
            self._end(began, last)
            began = now
        if len(self._sessions) < policy.SESSIONS_MOST:
            self._sessions[member_id] = began, now

    def voice(self, member: discord.Member, channel: object) -> None:
        """A person went into a channel, to another one, or left (None)."""
        if member.bot:
            return
        if member.id in self._voice:
            self._sum_up_voice(member.id)
            self.acted(member.id)
        name = self._rooms.get(getattr(channel, "id", 0))
        if name is None:
            self._voice.pop(member.id, None)
            return
        if member.id not in self._voice:
            self.acted(member.id)
        self._voice[member.id] = name, self._clock()

    def connected(self, guild: discord.Guild) -> None:
        """Count from now on; who is in voice now, is."""
        self.beat()
        most = policy.ACTIVITY_CHANNELS_MOST
        self._text = {c.id: c.name[:100] for c in guild.text_channels[:most]}
        rooms = [*guild.voice_channels, *guild.stage_channels][:most]
        # In the channel of the absent nobody listens.
        self._rooms = {c.id: c.name[:100] for c in rooms if c != guild.afk_channel}
        now = self._clock()
        self._voice.clear()
        for room in rooms:
            for member in room.members if room.id in self._rooms else ():
                if not member.bot:
                    self._voice[member.id] = self._rooms[room.id], now
        self._counted_until = now
        self._zeroed = None

    def disconnected(self) -> None:
        """What happens now, nobody sees: nothing of it is counted."""
        self.beat()
        self._counted_until = None
        self._voice.clear()

    # What is written

    def beat(self) -> None:
        """Sum up until now: voice, sessions that have ended, the time that was counted."""
        now = self._clock()
        if self._counted_until is not None:
            self._count_time(self._counted_until, now)
            self._counted_until = now
            self._zero_channels()
        self._still_in_voice(now)
        self._end_idle(now)

    async def run(self) -> None:
        """Write for ever: active members every ten seconds, sums every minute."""
        written = time.monotonic()
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            try:
                self.beat()
                await self._write_active()
                if time.monotonic() - written >= _SUMS_EVERY_SECONDS:
                    written = time.monotonic()
                    await self._write_sums()
            except Exception:
                log.exception("engagement_failed")

    async def stop(self) -> None:
        """End all sessions and write what can be written at once."""
        self.disconnected()
        for member_id in tuple(self._sessions):
            self._end(*self._sessions.pop(member_id))
        both = asyncio.gather(self._write_active(), self._write_sums(), return_exceptions=True)
        try:
            await asyncio.wait_for(both, _STOP_SECONDS)
        except TimeoutError:
            log.warning("engagement_not_written")

    async def _write_active(self) -> None:
        batch, self.batch = self.batch, Batch()
        if not batch:
            return
        try:
            await asyncio.to_thread(active_members.write, batch)
        except Exception as error:
            log.warning("active_members_wait", error=type(error).__name__)
            metrics.engagement_writes_total.inc(store="valkey", outcome="kept")
            self.batch.merge(batch)
        else:
            metrics.engagement_writes_total.inc(store="valkey", outcome="written")

    async def _write_sums(self) -> None:
        sums, self.sums = self.sums, {}
        if not sums:
            return
        try:
            await in_database(activity_days.add, sums)
        except Exception as error:
            log.warning("activity_waits", error=type(error).__name__)
            metrics.engagement_writes_total.inc(store="database", outcome="kept")
            self._take_back(sums)
        else:
            metrics.engagement_writes_total.inc(store="database", outcome="written")

    def _take_back(self, sums: dict[Where, Sum]) -> None:
        """Unless it has become too much: its time goes with it, so that it shows as a gap."""
        if len(sums) + len(self.sums) > policy.ACTIVITY_WAITING_MOST:
            log.error("activity_lost", rows=len(sums))
            return
        for where, found in sums.items():
            self._add(where, *found)

    # In between

    def _today(self) -> date:
        """Looked up once a day: each message asks."""
        now = self._clock()
        if not self._day_ends - _LONGEST_DAY_SECONDS <= now < self._day_ends:
            self._day = _date(now)
            self._day_ends = day_of(self._day + timedelta(days=1)).begins.timestamp()
        return self._day

    def _add(self, where: Where, number: int = 0, seconds: float = 0.0) -> None:
        self.sums[where] = self.sums.get(where, NOTHING).plus(number, seconds)

    def _sum_up_voice(self, member_id: int) -> None:
        if (found := self._voice.get(member_id)) is not None:
            name, since = found
            now = self._clock()
            self._add(Where(self._today(), Kind.VOICE, name), seconds=max(now - since, 0.0))
            self._voice[member_id] = name, now

    def _still_in_voice(self, now: float) -> None:
        """Everybody in voice is active, and their time is summed up: thousands in some ms."""
        day, lengths = self._today(), dict[str, float]()
        for member_id, (name, since) in self._voice.items():
            lengths[name] = lengths.get(name, 0.0) + max(now - since, 0.0)
            self._voice[member_id] = name, now
            if member_id in self._sessions:
                self._sessions[member_id] = self._sessions[member_id][0], now
                self._sessions.move_to_end(member_id)
            elif len(self._sessions) < policy.SESSIONS_MOST:
                self._sessions[member_id] = now, now
        if self._voice:
            self.batch.members[day].update(self._voice)
        for name, length in lengths.items():
            self._add(Where(day, Kind.VOICE, name), seconds=length)

    def _end(self, began: float, last: float) -> None:
        length = max(last - began, _LEAST_SECONDS)
        self._add(Where(_date(began), Kind.SESSION), number=1, seconds=length)

    def _end_idle(self, now: float) -> None:
        while self._sessions:
            member_id, (began, last) = next(iter(self._sessions.items()))
            if now - last <= _PAUSE_SECONDS:
                return  # all that follow acted later
            del self._sessions[member_id]
            self._end(began, last)

    def _count_time(self, since: float, until: float) -> None:
        self._add(Where(_date(since), Kind.COUNTED), seconds=max(until - since, 0.0))
        for which in {_date(since), _date(until)}:
            day = day_of(which, datetime.fromtimestamp(until, UTC))
            midnight = day.begins.timestamp()
            begin, end = max(since - midnight, 0.0), day.ends.timestamp() - midnight
            if end > begin:
                self.batch.count_minutes(which, int(begin // 60), int((end - 0.001) // 60))

    def _zero_channels(self) -> None:
        """Each channel has its row each day: a quiet one is 0, one that is not there is nothing."""
        day = self._today()
        if self._zeroed != day:
            self._zeroed = day
            for name in self._text.values():
                self._add(Where(day, Kind.MESSAGE, name))
            for name in self._rooms.values():
                self._add(Where(day, Kind.VOICE, name))


def _date(moment: float) -> date:
    return datetime.fromtimestamp(moment, ZONE).date()

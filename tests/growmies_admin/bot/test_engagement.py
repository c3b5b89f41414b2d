"""Active members, sessions, messages and voice: counted in memory, written as sums of nobody."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import discord
import pytest
from django.db import OperationalError
from prometheus_client import REGISTRY

from growmies_admin import policy
from growmies_admin.bot import active_members, activity_days, kpi_figures
from growmies_admin.bot.activity_days import Kind, Sum
from growmies_admin.bot.database import in_database
from growmies_admin.bot.engagement import Engagement
from growmies_admin.bot.models import ActivityDay
from monitoring.kpis.days import ZONE, day_of
from monitoring.kpis.registry import NotMeasured, SourceAway, TooFew

DAY = date(2026, 11, 10)
GENERAL, HELP, LOUNGE, AFK = 1, 2, 8, 9


class Clock:
    """Time of New York that stands still: `clock.shift(60)`."""

    def __init__(self, hour=12, minute=0):
        self.now = datetime(2026, 11, 10, hour, minute, tzinfo=ZONE).timestamp()

    def __call__(self):
        return self.now

    def shift(self, seconds):
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def guild():
    """A real discord.Guild: two text channels, a lounge, the channel of the absent."""
    state = discord.Client(intents=discord.Intents.all())._connection
    text = {"type": 0, "position": 0, "permission_overwrites": []}
    voice = {"type": 2, "position": 1, "bitrate": 64000, "user_limit": 0}
    voice |= {"permission_overwrites": []}
    data = {"id": "5", "name": "Growmies", "member_count": 0, "roles": [], "afk_timeout": 60}
    data["afk_channel_id"] = str(AFK)
    data["channels"] = [
        text | {"id": str(GENERAL), "name": "general"},
        text | {"id": str(HELP), "name": "growing-help"},
        voice | {"id": str(LOUNGE), "name": "Lounge"},
        voice | {"id": str(AFK), "name": "Away"},
    ]
    return discord.Guild(data=data, state=state)


def member(guild, number, bot=False):
    user = {"id": str(number), "username": "m", "discriminator": "0", "avatar": None, "bot": bot}
    facts = {"user": user, "roles": [], "flags": 0, "joined_at": "2024-05-01T00:00:00+00:00"}
    return discord.Member(data=facts, guild=guild, state=guild._state)


def said(guild, author, channel=GENERAL, system=False):
    return SimpleNamespace(
        author=author,
        webhook_id=None,
        channel=guild.get_channel(channel),
        is_system=lambda: system,
    )


@pytest.fixture
def engagement(clock, guild):
    made = Engagement(clock)
    made.connected(guild)
    return made


def of(engagement, kind, channel=""):
    found = {where: s for where, s in engagement.sums.items() if where.kind == kind}
    (match,) = [s for where, s in found.items() if where.channel == channel] or [Sum()]
    return match


def test_it_works(engagement, guild, clock):
    ada = member(guild, 11)
    engagement.message(said(guild, ada))
    clock.shift(300)
    engagement.message(said(guild, ada, HELP))
    clock.shift(policy.SESSION_PAUSE.total_seconds() + 1)
    engagement.beat()
    assert of(engagement, Kind.MESSAGE, "general").number == 1
    assert of(engagement, Kind.MESSAGE, "growing-help").number == 1
    assert of(engagement, Kind.SESSION) == Sum(1, 300.0)
    assert of(engagement, Kind.COUNTED).seconds == clock.now - Clock().now
    assert engagement.batch.members == {DAY: {11}}


def test_one_message_is_a_session_of_a_minute(engagement, guild, clock):
    engagement.message(said(guild, member(guild, 11)))
    clock.shift(3600)
    engagement.message(said(guild, member(guild, 11)))
    assert of(engagement, Kind.SESSION) == Sum(1, 60.0)


def test_voice_lasts_as_long_as_it_lasts(engagement, guild, clock):
    ada, lounge = member(guild, 11), guild.get_channel(LOUNGE)
    engagement.voice(ada, lounge)
    for _ in range(4):
        clock.shift(1800)
        engagement.beat()
    engagement.voice(ada, None)
    assert of(engagement, Kind.VOICE, "Lounge").seconds == 7200
    clock.shift(3600)
    engagement.beat()
    assert of(engagement, Kind.VOICE, "Lounge").seconds == 7200
    assert of(engagement, Kind.SESSION) == Sum(1, 7200.0)


def test_who_was_in_voice_before_the_bot_came_is_counted_from_then(guild, clock):
    ada, lounge = member(guild, 11), guild.get_channel(LOUNGE)
    guild._add_member(ada)
    state = {"user_id": "11", "channel_id": str(LOUNGE), "session_id": "x", "self_mute": False}
    state |= {"self_deaf": False, "self_video": False, "suppress": False, "mute": False}
    guild._voice_states[11] = discord.VoiceState(data=state | {"deaf": False}, channel=lounge)
    engagement = Engagement(clock)
    engagement.connected(guild)
    for _ in range(6):
        clock.shift(10)
        engagement.beat()
    engagement.voice(ada, None)
    clock.shift(3600)
    engagement.beat()
    assert of(engagement, Kind.VOICE, "Lounge").seconds == 60
    assert of(engagement, Kind.SESSION).number == 1
    assert engagement.batch.members == {DAY: {11}}


def test_who_moves_to_the_absent_is_gone(engagement, guild, clock):
    ada = member(guild, 11)
    engagement.voice(ada, guild.get_channel(LOUNGE))
    clock.shift(60)
    engagement.voice(ada, guild.get_channel(AFK))
    clock.shift(600)
    engagement.beat()
    assert of(engagement, Kind.VOICE, "Lounge").seconds == 60
    assert not [where for where in engagement.sums if where.channel == "Away"]


def test_bots_and_what_discord_says_itself_count_nothing(engagement, guild):
    engagement.message(said(guild, member(guild, 11, bot=True)))
    engagement.message(said(guild, member(guild, 12), system=True))
    engagement.voice(member(guild, 13, bot=True), guild.get_channel(LOUNGE))
    engagement.beat()
    assert not engagement.batch.members and of(engagement, Kind.MESSAGE, "general").number == 0


def test_midnight_in_new_york_is_a_new_day(guild):
    clock = Clock(hour=23, minute=59)
    engagement = Engagement(clock)
    engagement.connected(guild)
    engagement.acted(11)
    clock.shift(120)
    engagement.acted(11)
    engagement.beat()
    assert engagement.batch.members == {DAY: {11}, DAY + timedelta(days=1): {11}}
    assert engagement.batch.minutes == {DAY: {1439}, DAY + timedelta(days=1): {0}}


def test_a_lost_connection_is_not_counted(engagement, guild, clock):
    engagement.voice(member(guild, 11), guild.get_channel(LOUNGE))
    clock.shift(60)
    engagement.disconnected()
    clock.shift(3600)
    engagement.beat()
    assert of(engagement, Kind.COUNTED).seconds == 60
    assert of(engagement, Kind.VOICE, "Lounge").seconds == 60
    assert max(engagement.batch.minutes[DAY]) == 12 * 60


def test_sessions_are_bounded(engagement, monkeypatch):
    monkeypatch.setattr(policy, "SESSIONS_MOST", 3)
    for number in range(1, 10):
        engagement.acted(number)
    assert len(engagement._sessions) == 3
    assert len(engagement.batch.members[DAY]) == 9


# What is written: PostgreSQL and Valkey


@pytest.mark.django_db(transaction=True)
async def test_both_stores_have_it_after_a_stop(engagement, guild, clock):
    for number in range(6):
        engagement.message(said(guild, member(guild, 100 + number)))
    engagement.voice(member(guild, 100), guild.get_channel(LOUNGE))
    clock.shift(600)
    await engagement.stop()
    rows = await in_database(lambda: list(ActivityDay.objects.all()))
    found = {(row.kind, row.channel): row for row in rows}
    assert found["message", "general"].count == 6
    assert found["message", "growing-help"].count == 0  # it is there, and quiet
    assert found["voice", "Lounge"].seconds == 600
    assert (found["session", ""].count, found["session", ""].seconds) == (6, 900)
    assert active_members.on([DAY]).members == 6
    assert active_members.on([DAY]).minutes == 10
    assert active_members._valkey().ttl(active_members._sketch(DAY)) > 61 * 86400


@pytest.mark.django_db(transaction=True)
async def test_what_is_written_twice_adds_up(engagement, guild, clock):
    for _ in range(2):
        engagement.message(said(guild, member(guild, 100)))
        clock.shift(30)
        engagement.beat()
        await engagement._write_active()
        await engagement._write_sums()
    found = await in_database(activity_days.of_day, DAY, Kind.MESSAGE)
    assert found["general"].number == 2
    assert active_members.on([DAY]).members == 1


async def test_while_valkey_is_away_members_wait(engagement, clock, settings):
    engagement.acted(11)
    clock.shift(120)
    engagement.beat()
    there = settings.CACHES["default"]
    settings.CACHES = {"default": there | {"LOCATION": "redis://127.0.0.1:1/1"}}
    kept = {"store": "valkey", "outcome": "kept"}
    before = REGISTRY.get_sample_value("engagement_writes_total", kept)
    await engagement._write_active()
    assert REGISTRY.get_sample_value("engagement_writes_total", kept) == before + 1
    engagement.acted(12)
    settings.CACHES = {"default": there}
    await engagement._write_active()
    assert active_members.on([DAY]) == active_members.Active(2, 2)


async def test_too_many_that_wait_become_a_gap(engagement, clock, settings, monkeypatch):
    monkeypatch.setattr(policy, "ACTIVE_BATCH_MOST", 3)
    there = settings.CACHES["default"]
    settings.CACHES = {"default": there | {"LOCATION": "redis://127.0.0.1:1/1"}}
    for number in range(5):
        engagement.acted(number)
    clock.shift(120)
    engagement.beat()
    await engagement._write_active()
    assert not engagement.batch
    settings.CACHES = {"default": there}
    assert active_members.on([DAY]).minutes == 0


async def test_while_postgresql_is_away_sums_wait(engagement, guild, monkeypatch):
    def away(_sums):
        raise OperationalError("no")

    monkeypatch.setattr(activity_days, "add", away)
    engagement.message(said(guild, member(guild, 11)))
    await engagement._write_sums()
    engagement.message(said(guild, member(guild, 11)))
    assert of(engagement, Kind.MESSAGE, "general").number == 2


async def test_too_many_sums_that_wait_become_a_gap(engagement, guild, clock, monkeypatch):
    def away(_sums):
        raise OperationalError("no")

    monkeypatch.setattr(activity_days, "add", away)
    monkeypatch.setattr(policy, "ACTIVITY_WAITING_MOST", 3)
    clock.shift(120)
    engagement.beat()  # rows of three channels, and of the time
    await engagement._write_sums()
    assert engagement.sums == {}


def test_no_id_is_in_valkey(engagement, clock):
    engagement.acted(1187342001234567890)
    active_members.write(engagement.batch)
    kept = active_members._valkey().get(active_members._sketch(DAY))
    plain = (1187342001234567890).to_bytes(8, "big")
    assert plain not in kept
    # Not even by asking: adding the id itself would count as somebody new.
    assert active_members._valkey().pfadd(active_members._sketch(DAY), plain) == 1


# What the KPIs make of it


def whole(day, kind=Kind.COUNTED, channel="", count=0, seconds=86_400.0):
    ActivityDay.objects.create(day=day, kind=kind, channel=channel, count=count, seconds=seconds)


def everybody(day, members, minutes=1440):
    batch = active_members.Batch()
    for number in range(members):
        batch.add(day, 1000 + number)
    batch.count_minutes(day, 0, minutes - 1)
    active_members.write(batch)


def test_active_users_of_a_day_a_week_and_a_month():
    for back in range(30):
        everybody(DAY - timedelta(days=back), 40 + back)
    day = day_of(DAY)
    assert kpi_figures.active(1)(day).value == pytest.approx(40, abs=2)
    assert kpi_figures.active(7)(day).value == pytest.approx(46, abs=2)
    assert kpi_figures.active(30)(day).value == pytest.approx(69, abs=3)


def test_a_day_that_was_half_counted_is_not_measured():
    everybody(DAY, 40, minutes=720)
    with pytest.raises(NotMeasured, match="counted for 12 h of 1 day: too little"):
        kpi_figures.active(1)(day_of(DAY))
    with pytest.raises(NotMeasured, match="too little"):
        kpi_figures.active(7)(day_of(DAY))


def test_a_day_that_runs_says_how_much_was_counted():
    everybody(DAY, 7, minutes=60)
    noon = datetime(2026, 11, 10, 12, tzinfo=ZONE)
    reading = kpi_figures.active(1)(day_of(DAY, noon))
    assert (reading.value, reading.note) == (7, "The bot counted for 1 h of 12 h.")


def test_nothing_counted_is_not_0():
    with pytest.raises(NotMeasured, match="counted nothing"):
        kpi_figures.active(1)(day_of(DAY))


def test_without_valkey_it_is_asked_again(settings):
    settings.CACHES = {
        "default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/1"}
    }
    with pytest.raises(SourceAway, match="Valkey"):
        kpi_figures.active(1)(day_of(DAY))


@pytest.mark.django_db
def test_sums_of_a_day():
    whole(DAY)
    whole(DAY, Kind.SESSION, count=10, seconds=6_000)
    whole(DAY, Kind.MESSAGE, "general", count=30, seconds=0)
    whole(DAY, Kind.MESSAGE, "growing-help", count=12, seconds=0)
    whole(DAY, Kind.VOICE, "Lounge", seconds=5_400)
    day = day_of(DAY)
    assert kpi_figures.session_length(day).value == 600
    assert kpi_figures.voice_time(day).value == 5_400
    found = kpi_figures.messages(day)
    assert found.value == 42
    assert [(part.label, part.value) for part in found.parts] == [
        ("#general", 30.0),
        ("#growing-help", 12.0),
    ]
    assert kpi_figures.messages_in("KPI_GROWING_HELP_CHANNELS")(day).value == 12


@pytest.mark.django_db
def test_a_quiet_channel_is_0_and_one_that_is_not_there_is_nothing(settings):
    whole(DAY)
    whole(DAY, Kind.MESSAGE, "growing-help", seconds=0)
    measure = kpi_figures.messages_in("KPI_GROWING_HELP_CHANNELS")
    assert measure(day_of(DAY)).value == 0
    settings.KPI_GROWING_HELP_CHANNELS = ("nowhere",)
    with pytest.raises(NotMeasured, match="no channel called nowhere"):
        measure(day_of(DAY))
    settings.KPI_GROWING_HELP_CHANNELS = ()
    with pytest.raises(NotMeasured, match="No channel is named"):
        measure(day_of(DAY))


@pytest.mark.django_db
def test_few_sessions_are_too_few():
    whole(DAY)
    whole(DAY, Kind.SESSION, count=4, seconds=400)
    with pytest.raises(TooFew):
        kpi_figures.session_length(day_of(DAY))


@pytest.mark.django_db
def test_sums_of_half_a_day_are_not_measured():
    whole(DAY, seconds=40_000)
    whole(DAY, Kind.MESSAGE, "general", count=30, seconds=0)
    with pytest.raises(NotMeasured, match="too little"):
        kpi_figures.messages(day_of(DAY))


@pytest.mark.django_db
def test_a_day_of_25_hours_is_counted_as_such():
    change = date(2026, 11, 1)
    day = day_of(change)
    assert day.seconds == 25 * 3600
    assert day.begins == datetime(2026, 11, 1, 4, tzinfo=UTC)
    whole(change, seconds=23 * 3600)
    whole(change, Kind.MESSAGE, "general", count=30, seconds=0)
    assert kpi_figures.messages(day).value == 30


@pytest.mark.django_db
def test_old_rows_go():
    whole(DAY)
    whole(DAY - policy.ACTIVITY_RETENTION - timedelta(days=60))
    assert activity_days.old_rows() == 1
    assert ActivityDay.objects.get().day == DAY


def test_a_session_over_midnight_is_of_the_day_on_which_it_began(guild):
    clock = Clock(23, 50)
    engagement = Engagement(clock)
    engagement.connected(guild)
    engagement.message(said(guild, member(guild, 11)))
    clock.shift(60)
    engagement.message(said(guild, member(guild, 11)))
    clock.shift(3600)
    engagement.beat()
    days = [where.day for where in engagement.sums if where.kind == Kind.SESSION]
    assert days == [DAY]

"""Figures for the KPIs of what the bot counts: members, messages, voice, commands."""

from collections.abc import Callable, Iterable
from datetime import timedelta

import redis
from django.conf import settings

from growmies_admin.bot import active_members, activity_days
from growmies_admin.bot.activity_days import Kind, Sum
from monitoring import policy
from monitoring.kpis import asking
from monitoring.kpis.days import Day, day_of
from monitoring.kpis.registry import NotMeasured, Part, Reading, SourceAway, TooFew
from monitoring.ui.words import duration

CHANNELS_SHOWN = 25
P95, P99 = "p95", "p99"
BUSIEST, AVERAGE = "Busiest moment", "Average"
_COMMANDS = 'sum by (le) (increase(discord_command_duration_seconds_bucket{job="discord-bot"}[1d]))'
_P95 = f"histogram_quantile(0.95, {_COMMANDS})"
_P99 = f"histogram_quantile(0.99, {_COMMANDS})"
_AWAY = 'max(avg_over_time(growmies:unavailable{slo="bot"}[1d]))'
_AWAY_KNOWN = 'max(count_over_time(growmies:unavailable{slo="bot"}[1d]))'
_LEAST_LEFT = "min(min_over_time(growmies:discord_rate_limit:left_ratio[1d]))"
_LEFT = "min(avg_over_time(growmies:discord_rate_limit:left_ratio[1d]))"
_RULE_SECONDS = 5  # docker/prometheus/rules/recording.yml, growmies-availability


def active(days: int) -> Callable[[Day], Reading]:
    """Members who were active on so many days that end with the day."""

    def measure(day: Day) -> Reading:
        span = [day_of(day.earlier(back)) for back in range(1, days)]
        try:
            found = active_members.on([day.on, *(one.on for one in span)])
        except (redis.RedisError, OSError) as error:
            raise SourceAway(
                "Valkey, where active members are counted, does not answer."
            ) from error
        length = day.seconds + sum(one.seconds for one in span)
        note = _coverage(found.minutes * 60, length, partial=days == 1 and not day.over)
        return Reading(found.members, note=note)

    return measure


def session_length(day: Day) -> Reading:
    """The mean of the sessions that began on the day."""
    note = _counted(day)
    total = activity_days.of_day(day.on, Kind.SESSION).get("", Sum())
    if total.number == 0:
        raise NotMeasured("No session has ended on that day.")
    if total.number < policy.KPI_TOO_FEW:
        raise TooFew(f"Fewer than {policy.KPI_TOO_FEW} sessions ended on that day.")
    return Reading(total.seconds / total.number, note=note)


def messages(day: Day) -> Reading:
    """Messages of people, together and by channel."""
    note = _counted(day)
    found = activity_days.of_day(day.on, Kind.MESSAGE)
    counts = {name: float(one.number) for name, one in found.items()}
    return Reading(sum(counts.values()), _channels(counts), note)


def messages_in(setting: str) -> Callable[[Day], Reading]:
    """Messages of people in the channels that a setting names."""

    def measure(day: Day) -> Reading:
        names: tuple[str, ...] = getattr(settings, setting)
        if not names:
            raise NotMeasured(f"No channel is named for this ({setting}).")
        note = _counted(day)
        found = activity_days.of_day(day.on, Kind.MESSAGE)
        known = {name: float(found[name].number) for name in names if name in found}
        if not known:
            raise NotMeasured(
                f"The bot saw no channel called {' or '.join(names)} on that day ({setting})."
            )
        return Reading(sum(known.values()), [Part(name, known.get(name)) for name in names], note)

    return measure


def voice_time(day: Day) -> Reading:
    """Time of people in voice, together and by channel: two people for an hour are two hours."""
    note = _counted(day)
    found = activity_days.of_day(day.on, Kind.VOICE)
    lengths = {name: one.seconds for name, one in found.items()}
    return Reading(sum(lengths.values()), _channels(lengths), note)


def uptime(day: Day) -> Reading:
    """The share of the day in which the bot answered, as far as Prometheus watched."""
    why_not = "Prometheus did not watch the bot on that day."
    known = asking.number(_AWAY_KNOWN, day, why_not) * _RULE_SECONDS
    away = asking.number(_AWAY, day, why_not)
    note = ""
    if known < day.seconds * policy.KPI_COUNTED_SHARE:
        note = f"Watched for {duration(known)} of {duration(day.seconds)}."
    return Reading(1 - away, note=note)


def command_time(day: Day) -> Reading:
    """p95 is the figure, p99 a part."""
    why_not = "Nobody used a command on that day, or Prometheus did not watch the bot."
    p95, p99 = asking.number(_P95, day, why_not), asking.number(_P99, day, why_not)
    return Reading(p95, [Part(P95, p95), Part(P99, p99)])


def rate_limit(day: Day) -> Reading:
    """How much of our 50 requests a second was used in the busiest moment."""
    why_not = "Prometheus did not watch the bot on that day."
    busiest = 1 - asking.number(_LEAST_LEFT, day, why_not)
    average = 1 - asking.number(_LEFT, day, why_not)
    return Reading(busiest, [Part(BUSIEST, busiest), Part(AVERAGE, average)])


def _counted(day: Day) -> str:
    """The note about a day that runs. Raises NotMeasured when too little of it was counted."""
    seconds = activity_days.of_day(day.on, Kind.COUNTED).get("", Sum()).seconds
    return _coverage(seconds, day.seconds, partial=not day.over)


def _coverage(counted: float, length: float, *, partial: bool) -> str:
    """What a day that runs may say beside its figure; a finished one has to be whole."""
    if counted >= length * policy.KPI_COUNTED_SHARE:
        return ""
    days = round(length / 86_400)
    of = f"these {days} days" if days > 1 else "the day"
    if counted <= 0:
        why = "so far" if partial else "because it was not connected"
        raise NotMeasured(f"The bot counted nothing of {of} {why}.")
    span = duration(timedelta(seconds=length))
    said = f"The bot counted for {duration(min(counted, length))} of {span}"
    if partial:
        return f"{said}."
    raise NotMeasured(f"{said}: too little to tell.")


def _channels(found: dict[str, float]) -> list[Part]:
    """The channels with the most; all others together."""
    ordered: Iterable[tuple[str, float]] = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    shown = [
        Part(f"#{name}" if name not in ("", "other") else "other channels", value)
        for name, value in ordered
    ]
    if len(shown) <= CHANNELS_SHOWN:
        return shown
    rest = sum(part.value or 0 for part in shown[CHANNELS_SHOWN:])
    return [*shown[:CHANNELS_SHOWN], Part("all others", rest)]

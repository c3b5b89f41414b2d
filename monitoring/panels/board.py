"""The panels of the main wall, computed from PromQL. A panel that can't be read says why."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.utils import timezone

from monitoring.health.answers import web_sampler
from monitoring.health.score import Score
from monitoring.health.score import of as score_of
from monitoring.panels.drawing import Spark, heatmap, spark
from monitoring.prometheus.client import PrometheusUnavailable, Sample, query, query_range
from monitoring.tones import ICONS, Tone
from monitoring.ui.words import duration

HOUR = 60
_SCRAPE_SECONDS = 5  # docker/prometheus/prometheus.yml
_LAST_KEY, _LAST_KEPT_SECONDS = "wall.main.last", 24 * 3600
_NEW_YORK = ZoneInfo("America/New_York")
COMMAND_ERRORS_LIMIT = 0.1  # a second, the guide's HighErrorRate


@dataclass
class Item:
    """One line of a list panel."""

    words: str
    note: str
    tone: str = Tone.OK

    @property
    def icon(self) -> str:
        return ICONS[Tone(self.tone)]


@dataclass
class Figure:
    """One of several figures in a panel."""

    value: str
    words: str
    tone: str = ""


@dataclass
class Panel:
    """What one panel shows now. Only what is set is drawn."""

    key: str
    title: str
    figure: str = ""
    unit: str = ""
    tone: str = ""  # of the figure
    chip: str = ""
    chip_tone: str = Tone.OK
    spark: Spark | None = None
    spark_tone: str = ""
    second: Spark | None = None
    items: list[Item] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    foot: list[str] = field(default_factory=list)
    swatches: list[str] = field(default_factory=list)
    chart: dict[str, Any] | None = None
    chart_rows: list[tuple[str, list[float]]] = field(default_factory=list)
    nothing: str = ""
    as_of: datetime | None = None  # set when this is not of now
    failed: bool = False

    @property
    def chip_icon(self) -> str:
        return ICONS[Tone(self.chip_tone)]

    @property
    def alarm(self) -> bool:
        return bool(self.chip) and self.chip_tone == Tone.CRITICAL


def main() -> list[Panel]:
    """The twelve panels of the guide's main display, in its order.

    Where Prometheus does not answer, the last data is shown and says how old it is.
    """
    found = [_built(key, title, build) for key, title, build in _MAIN]
    fresh = {panel.key: panel for panel in found if panel.as_of is None and not panel.failed}
    if fresh:
        _last.update(fresh)
        _last_at.update(dict.fromkeys(fresh, timezone.now()))
        cache.set(_LAST_KEY, (dict(_last), dict(_last_at)), _LAST_KEPT_SECONDS)
    return found


def _built(key: str, title: str, build: Callable[[Panel], None]) -> Panel:
    panel = Panel(key, title)
    try:
        build(panel)
    except PrometheusUnavailable as why:
        return _from_before(key) or Panel(
            key, title, nothing=str(why), chip="No data", chip_tone=Tone.MUTED, failed=True
        )
    return panel


def _from_before(key: str) -> Panel | None:
    """The panel as it was last known, by this process or by another one before it."""
    if key not in _last:
        panels, times = cache.get(_LAST_KEY) or ({}, {})
        _last.update({k: v for k, v in panels.items() if k not in _last})
        _last_at.update({k: v for k, v in times.items() if k not in _last_at})
    if key not in _last:
        return None
    return replace(_last[key], as_of=_last_at[key])


# The last good panel of each key and its time: what is shown while Prometheus is away.
_last: dict[str, Panel] = {}
_last_at: dict[str, datetime] = {}


def value(promql: str) -> float | None:
    """One number, or None when there is no such series."""
    found = query(promql)
    return found[0].value if found else None


def current_score() -> Score:
    web_sampler.start()
    return score_of(web_sampler.last())


def _system(panel: Panel) -> None:
    score = current_score()
    panel.figure, panel.unit, panel.tone = str(score.value), "of 100", score.tone
    panel.chip_tone = score.tone
    panel.chip = {Tone.OK: "Normal", Tone.WARN: "Degraded"}.get(Tone(score.tone), "Critical")
    for found in score.deductions[:4]:
        panel.items.append(Item(found.words, f"−{found.points}", found.tone))
    if score.not_measured and len(panel.items) < 4:
        panel.items.append(Item("Not measured", ", ".join(score.not_measured), Tone.MUTED))


def _users(panel: Panel) -> None:
    online = 'sum(discord_active_users{channel_type="text", time_period="current"})'
    now = value(online)
    voice = value('sum(discord_active_users{channel_type="voice", time_period="current"})')
    verified = value('sum(discord_active_users{channel_type="verified", time_period="total"})')
    if now is None and voice is None:
        panel.nothing = "The bot has not counted anybody yet."
        return
    panel.figure = "–" if now is None else f"{now:,.0f}"
    panel.unit = "online" if now is not None else "presences are switched off"
    panel.spark = spark(_first(query_range(online, minutes=HOUR)))
    panel.foot = [f"{voice or 0:,.0f} in voice", f"{verified or 0:,.0f} verified 21+"]


def _commands(panel: Panel) -> None:
    minute = value("sum(rate(discord_commands_total[5m]))")
    panel.figure, panel.unit = _rate(minute)
    panel.spark = spark(
        _first(query_range("sum(rate(discord_commands_total[2m]))", minutes=HOUR)), at_least=0.02
    )
    panel.spark_tone = "info"
    shares = query("sum by (command) (increase(discord_commands_total[1h])) > 0")
    total = sum(s.value for s in shares)
    top = sorted(shares, key=lambda s: -s.value)[:3]
    panel.foot = [f"/{s.labels['command']} {s.value / total:.0%}" for s in top if total]
    if not panel.foot:
        panel.foot = ["no command in the last hour"]


def _errors(panel: Panel) -> None:
    promql = 'sum(rate(discord_commands_total{status="error"}[5m]))'
    rate = value(promql) or 0.0
    panel.figure, panel.unit = _rate(rate)
    over = rate > COMMAND_ERRORS_LIMIT
    panel.chip, panel.chip_tone = ("High", Tone.WARN) if over else ("Normal", Tone.OK)
    panel.spark = spark(_first(query_range(promql, minutes=HOUR)), limit=COMMAND_ERRORS_LIMIT)
    panel.spark_tone = "warn"
    panel.foot = ["limit 0.1 a second, 5 min"]


def _memory(panel: Panel) -> None:
    memory = "sum(process_resident_memory_bytes{job=~'discord-bot|growmies-.*'})"
    cpu = '100 * (1 - avg(rate(node_cpu_seconds_total{mode="idle"}[2m])))'
    used, busy = value(memory), value(cpu)
    if used is None:
        panel.nothing = "No process has reported its memory yet."
        return
    panel.spark = spark(_first(query_range(memory, minutes=HOUR)))
    panel.spark_tone = "info"
    panel.second = spark(_first(query_range(cpu, minutes=HOUR)), at_least=100)
    panel.swatches = [f"Memory {used / 1024**2:,.0f} MB"]
    panel.swatches.append("CPU not measured" if busy is None else f"CPU {busy:.0f} %")
    high = busy is not None and busy > 80
    panel.chip, panel.chip_tone = ("Busy", Tone.INFO) if high else ("Normal", Tone.OK)


def _bots(panel: Panel) -> None:
    bots = query("max by (bot_name) (third_party_bot_health)")
    if not bots:
        panel.nothing = "Needs the presence intent, and the bot connected."
        return
    offline = [b for b in bots if b.value < 1]
    for bot in sorted(bots, key=lambda b: b.labels["bot_name"]):
        up = bot.value >= 1
        tone = Tone.OK if up else Tone.CRITICAL
        panel.items.append(Item(bot.labels["bot_name"], "online" if up else "offline", tone))
    panel.chip = f"{len(offline)} offline" if offline else "All online"
    panel.chip_tone = Tone.CRITICAL if offline else Tone.OK


def _alerts(panel: Panel) -> None:
    firing = query('ALERTS{alertstate="firing", severity!="none"}')
    if not firing:
        panel.nothing = "No alert fires."
        return
    panel.chip, panel.chip_tone = f"{len(firing)} firing", Tone.WARN
    for alert in firing[:5]:
        critical = alert.labels.get("severity") == "critical"
        tone = Tone.CRITICAL if critical else Tone.WARN
        name = alert.labels.get("alertname", "alert")
        panel.items.append(Item(name, alert.labels.get("severity", ""), tone))


def _community(panel: Panel) -> None:
    """Messages of the last seven days by weekday and hour, in New York."""
    found = query_range(
        "sum(increase(discord_messages_total[1h]))", minutes=7 * 24 * HOUR, points=168
    )
    days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    counts = [[0.0] * 24 for _ in days]
    for at, number in found[0].points if found else ():
        local = datetime.fromtimestamp(at, tz=_NEW_YORK) - timedelta(hours=1)
        counts[local.weekday()][local.hour] += max(number, 0.0)
    now = datetime.now(tz=_NEW_YORK)
    elapsed = now.minute * 60 + now.second
    if elapsed >= 60:  # this hour so far; the whole hours are above
        so_far = value(f"sum(increase(discord_messages_total[{elapsed}s]))") or 0.0
        counts[now.weekday()][now.hour] += max(so_far, 0.0)
    panel.chart = heatmap(days, list(range(24)), counts)
    panel.chart_rows = list(zip(days, counts, strict=True))


def _queue(panel: Panel) -> None:
    waiting = value("sum(age_verification_queue_depth)")
    if waiting is None:
        panel.nothing = "The worker has not reported the queue yet."
        return
    overdue = value("sum(age_verification_overdue)") or 0
    oldest = value("max(age_verification_oldest_pending_seconds)") or 0
    median = value(
        "histogram_quantile(0.5, sum by (le) (rate(age_verification_review_seconds_bucket[24h])))"
    )
    done = value('sum(increase(age_verification_total{status=~"approved|denied"}[24h]))') or 0
    panel.figure, panel.unit = f"{waiting:,.0f}", "waiting"
    panel.tone = Tone.WARN if overdue else ""
    panel.chip = f"{overdue:.0f} overdue" if overdue else "In time"
    panel.chip_tone = Tone.WARN if overdue else Tone.OK
    tone = Tone.CRITICAL if overdue else ""
    oldest_words = duration(oldest) if oldest else "–"
    panel.figures = [Figure(oldest_words, "oldest, target 4 h", tone)]
    if median is not None and median == median:  # not NaN: something was reviewed
        panel.figures.append(Figure(duration(median), "median review"))
    else:
        panel.figures.append(Figure(f"{done:,.0f}", "decided in 24 h"))


def _violations(panel: Panel) -> None:
    found = query("sum by (violation_type) (increase(compliance_violations_total[24h])) > 0.5")
    if not found:
        panel.nothing = "None in 24 hours. Content rules are not set up yet."
        return
    for sample in sorted(found, key=lambda s: -s.value)[:5]:
        words = sample.labels["violation_type"].replace("_", " ").capitalize()
        panel.items.append(Item(words, f"{sample.value:,.0f}", Tone.WARN))


def _performance(panel: Panel) -> None:
    quantile = (
        "histogram_quantile({q}, sum by (le) (rate(discord_command_duration_seconds_bucket[1h])))"
    )
    fast, slow = value(quantile.format(q=0.95)), value(quantile.format(q=0.99))
    latency = value("max(discord_gateway_latency_seconds)")
    up = value('100 * avg_over_time(up{job="discord-bot"}[30d])')
    known = value('count_over_time(up{job="discord-bot"}[30d])') or 0
    known_words = duration(min(known * _SCRAPE_SECONDS, 30 * 86_400)).split(", ")[0]
    panel.figures = [
        Figure(_seconds(fast), "command p95"),
        Figure(_seconds(slow), "command p99"),
        Figure(_seconds(latency), "gateway latency"),
        Figure("–" if up is None else f"{up:.2f} %", f"bot up, {known_words}"),
    ]
    high = slow is not None and slow == slow and slow > 3
    panel.chip, panel.chip_tone = ("Slow", Tone.WARN) if high else ("Normal", Tone.OK)


def _backup(panel: Panel) -> None:
    panel.chip, panel.chip_tone = "Not measured", Tone.MUTED
    panel.nothing = "Backups are not set up yet."


_MAIN: tuple[tuple[str, str, Callable[[Panel], None]], ...] = (
    ("system", "System status", _system),
    ("users", "Active users", _users),
    ("commands", "Live command activity", _commands),
    ("errors", "Error rate", _errors),
    ("memory", "Memory and CPU", _memory),
    ("bots", "Third-party bots", _bots),
    ("alerts", "Recent alerts", _alerts),
    ("community", "Community activity", _community),
    ("queue", "Age verification queue", _queue),
    ("violations", "Compliance violations", _violations),
    ("performance", "Performance", _performance),
    ("backup", "Backup", _backup),
)


def _first(samples: list[Sample]) -> Sample | None:
    return samples[0] if samples else None


def _rate(rate: float | None) -> tuple[str, str]:
    """A rate in the unit that reads best: a second, or a minute when there is little."""
    found = rate or 0.0
    if 0 < found < 0.1:
        return f"{found * 60:.1f}", "a minute"
    return f"{found:.1f}" if found else "0", "a second"


def _seconds(number: float | None) -> str:
    return "–" if number is None or number != number else duration(number)

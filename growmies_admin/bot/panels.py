"""Panels of the guild's life: people, commands, messages, and whether the bot is there."""

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from compliance.policy import AGE_THRESHOLD_YEARS
from growmies_admin.bot import panels_dashboards  # noqa: F401 - declares the panels there
from monitoring import policy
from monitoring.health.answers import web_sampler
from monitoring.panels.asking import line, rate_words, seconds_words, value
from monitoring.panels.boards import Board
from monitoring.panels.registry import Kind, Panel, Threshold, Unit, register
from monitoring.panels.shown import Figure, Item, Shown, Table
from monitoring.prometheus.client import query, query_range
from monitoring.prometheus.keeping import NothingMeasured
from monitoring.tones import Tone
from monitoring.ui.words import duration

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NEW_YORK = ZoneInfo("America/New_York")
_CHANNELS = 7
_COMMANDS = 3
_SCRAPE_SECONDS = 5  # docker/prometheus/prometheus.yml


def _users(panel: Panel, shown: Shown) -> None:
    online = 'sum(discord_active_users{channel_type="text", time_period="current"})'
    now = value(online)
    voice = value('sum(discord_active_users{channel_type="voice", time_period="current"})')
    verified = value('sum(discord_active_users{channel_type="verified", time_period="total"})')
    if now is None and voice is None:
        raise NothingMeasured(panel.empty)
    shown.figure = "–" if now is None else f"{now:,.0f}"
    shown.unit = "online" if now is not None else "presences are switched off"
    shown.spark = line(online)
    shown.foot = [
        f"{voice or 0:,.0f} in voice",
        f"{verified or 0:,.0f} verified {AGE_THRESHOLD_YEARS}+",
    ]


def _commands(panel: Panel, shown: Shown) -> None:
    _needs_the_bot()
    rate = value("sum(rate(discord_commands_total[5m]))")
    if rate is None:
        raise NothingMeasured(panel.empty)
    shown.figure, shown.unit = rate_words(rate)
    shown.spark = line("sum(rate(discord_commands_total[2m]))", at_least=0.02)
    shown.spark_tone = "info"
    shares = query("sum by (command) (increase(discord_commands_total[1h])) > 0")
    total = sum(s.value for s in shares)
    top = sorted(shares, key=lambda s: -s.value)[:_COMMANDS]
    shown.foot = [f"/{s.labels['command']} {s.value / total:.0%}" for s in top if total]
    if not shown.foot:
        shown.foot = ["no command in the last hour"]
    elif len(shares) > len(top):
        shown.foot.append(f"+{len(shares) - len(top)} more")


def _errors(panel: Panel, shown: Shown) -> None:
    _needs_the_bot()
    promql = 'sum(rate(discord_commands_total{status="error"}[5m]))'
    rate = value(promql)
    if rate is None:
        raise NothingMeasured(panel.empty)
    limit = panel.thresholds[0].value
    shown.figure, shown.unit = rate_words(rate)
    reached = panel.threshold(rate)
    shown.say(*((reached.words, reached.tone) if reached else ("Normal", Tone.OK)))
    shown.spark, shown.spark_tone = line(promql, limit=limit), "warn"
    shown.foot = [f"limit {limit} a second, 5 min"]


def _needs_the_bot() -> None:
    """Raises NothingMeasured while it is down: its last minutes say nothing of now."""
    if value('max(up{job="discord-bot"})') == 0:
        raise NothingMeasured("The bot is down: nothing is counted.")


def _community(panel: Panel, shown: Shown) -> None:
    """Messages of the last seven days by weekday and hour, in New York."""
    from monitoring.panels.drawing import heatmap  # Plotly: only where a board is looked at

    found = query_range(
        "sum(increase(discord_messages_total[1h]))", minutes=7 * 24 * 60, points=168
    )
    counts: list[list[float | None]] = [[None] * 24 for _ in _DAYS]

    def add(at: datetime, number: float) -> None:
        counts[at.weekday()][at.hour] = (counts[at.weekday()][at.hour] or 0.0) + max(number, 0.0)

    now = datetime.now(tz=_NEW_YORK)
    elapsed = now.minute * 60 + now.second
    first = now.timestamp() - elapsed - 7 * 86_400  # points after it are of 168 hours
    so_far = None
    if elapsed >= 60:  # this hour so far; the whole hours are above
        so_far = value(f"sum(increase(discord_messages_total[{elapsed}s]))")
        if so_far is None and not found:
            raise NothingMeasured(panel.empty)
    if so_far is not None:
        add(now, so_far)
        first += 3600  # its square belongs to this hour now
    for at, number in found[0].points if found else ():
        if at > first:  # each point is of the hour that ends there
            add(datetime.fromtimestamp(at - 3600, tz=_NEW_YORK), number)
    edges = {f"{hour:02}": hour - 0.5 for hour in range(0, 25, 6)}  # an hour's square is around it
    shown.chart = heatmap(
        _DAYS, list(range(24)), counts, tickvals=list(edges.values()), ticktext=list(edges)
    )
    shown.chart_words = "messages by weekday and hour, New York"
    rows = [
        [day, *("–" if n is None else f"{n:.0f}" for n in numbers)]
        for day, numbers in zip(_DAYS, counts, strict=True)
    ]
    shown.chart_table = Table(["Day", *(str(hour) for hour in range(24))], rows)


def _performance(panel: Panel, shown: Shown) -> None:
    quantile = (
        "histogram_quantile({q}, sum by (le) (rate(discord_command_duration_seconds_bucket[1h])))"
    )
    fast, slow = value(quantile.format(q=0.95)), value(quantile.format(q=0.99))
    latency = value('max(discord_gateway_latency_seconds{job="discord-bot"})')
    up = value('100 * avg_over_time(up{job="discord-bot"}[30d])')
    known = value('count_over_time(up{job="discord-bot"}[30d])') or 0
    if latency is None and up is None:
        raise NothingMeasured(panel.empty)
    since = duration(min(known * _SCRAPE_SECONDS, 30 * 86_400)).split(", ")[0]
    was_down = up is not None and up < 100 * policy.KPI_UPTIME_TARGET
    shown.figures = [
        Figure(seconds_words(fast), "command p95"),
        Figure(seconds_words(slow), "command p99"),
        Figure(seconds_words(latency), "gateway latency"),
        Figure(
            "–" if up is None else f"{up:.2f} %", f"bot up, {since}", Tone.WARN if was_down else ""
        ),
    ]
    usual = ("Bot was down", Tone.WARN) if was_down else ("Normal", Tone.OK)
    reached = panel.threshold(slow or 0)
    shown.say(*((reached.words, reached.tone) if reached else usual))


def _chat(panel: Panel, shown: Shown) -> None:
    """Volumes by channel, never what was said."""
    found = query("sum by (channel) (increase(discord_messages_total[1h]))")
    if not found:
        raise NothingMeasured(panel.empty)
    by_channel: Counter[str] = Counter()
    for sample in found:
        by_channel[sample.labels["channel"]] += round(sample.value)
    total = sum(by_channel.values())
    words = "message" if total == 1 else "messages"
    shown.figure, shown.unit = f"{total:,}", f"{words} in the last hour"
    shown.spark = line("sum(rate(discord_messages_total[5m]))", at_least=0.02)
    shown.spark_tone = "info"
    most = max(by_channel.values())
    ordered = by_channel.most_common(_CHANNELS)
    shown.more = sum(bool(number) for _, number in by_channel.most_common()[_CHANNELS:])
    for channel, number in sorted(ordered, key=lambda one: one[0] == "other"):
        if number:
            name = "other channels" if channel == "other" else f"#{channel}"
            share = 100 * number / most
            shown.items.append(Item(name, f"{number:,}", Tone.INFO, share=share))
    if not shown.items:
        shown.foot = ["no message in the last hour"]


def _online(panel: Panel, shown: Shown) -> None:
    discord = web_sampler.last()["checks"].get("discord")
    if discord is None:
        raise NothingMeasured(panel.empty)
    if discord["status"] == "healthy":
        shown.figure, shown.tone = "Online", Tone.OK
        ping = str(discord.get("ping", "–")).replace("ms", " ms")
        since = discord.get("connectedSince")
        for_ = duration(timezone.now() - datetime.fromisoformat(since)) if since else ""
        shown.note = f"for {for_}, {ping}" if since else f"answers in {ping}"
        shown.say("Online", Tone.OK)
    else:
        shown.figure, shown.tone = "Offline", Tone.CRITICAL
        shown.note = str(discord.get("error", ""))
        shown.say("Offline", Tone.CRITICAL)


register(
    Panel(
        slug="active-user-count",
        title="Active User Count",
        short="Active users",
        kind=Kind.STAT,
        board=Board.MAIN,
        position=2,
        about="Members online now, those in voice, and all that are verified.",
        look=_users,
        empty="The bot has not counted anybody yet.",
        runbook="docs/runbooks/DiscordGatewayDisconnected.md",
    )
)
register(
    Panel(
        slug="live-command-activity",
        title="Live Command Activity",
        short="Live command activity",
        kind=Kind.STAT,
        board=Board.MAIN,
        position=3,
        about="Commands of the last 5 minutes, and which were used in the last hour.",
        look=_commands,
        unit=Unit.PER_SECOND,
        empty="The bot has not reported any command yet.",
        runbook="docs/runbooks/DiscordBotDown.md",
    )
)
register(
    Panel(
        slug="error-rate-trends",
        title="Error Rate Trends",
        short="Error rate",
        kind=Kind.STAT,
        board=Board.MAIN,
        position=4,
        about="Commands that failed, of the last 5 minutes, and the limit of HighErrorRate.",
        look=_errors,
        unit=Unit.PER_SECOND,
        thresholds=(Threshold(0.1, Tone.WARN, "High"),),
        empty="The bot has not reported any command yet.",
        runbook="docs/runbooks/HighErrorRate.md",
    )
)
register(
    Panel(
        slug="community-activity-heat-map",
        title="Community Activity Heat Map",
        short="Community activity",
        kind=Kind.HEATMAP,
        board=Board.MAIN,
        position=8,
        about="Messages of the last 7 days by weekday and hour of New York.",
        look=_community,
        refresh=timedelta(minutes=1),
        span=timedelta(days=7),
        empty="No message has been counted yet.",
        runbook="docs/runbooks/DiscordNoEvents.md",
    )
)
register(
    Panel(
        slug="performance-metrics",
        title="Performance Metrics",
        short="Performance",
        kind=Kind.STAT,
        board=Board.MAIN,
        position=11,
        about="How long commands take (last hour), the gateway's latency, the bot's uptime in "
        "30 days.",
        look=_performance,
        unit=Unit.SECONDS,
        thresholds=(Threshold(3, Tone.WARN, "Slow"),),
        refresh=timedelta(seconds=30),
        span=timedelta(days=30),
        empty="The bot has not reported anything yet.",
        runbook="docs/runbooks/slow-commands.md",
    )
)
register(
    Panel(
        slug="live-chat-activity",
        title="Live Chat Activity",
        short="Live chat activity",
        kind=Kind.LINES,
        board=Board.SECONDARY,
        position=1,
        about="Messages of the last hour by channel; volumes only, never what was said.",
        look=_chat,
        empty="No message has been counted yet.",
        runbook="docs/runbooks/DiscordNoEvents.md",
    )
)
register(
    Panel(
        slug="bot-online-status",
        title="Bot Online Status",
        short="Bot",
        kind=Kind.STAT,
        board=Board.MOBILE,
        position=1,
        about="Whether the bot is connected to Discord, and how fast Discord answers.",
        look=_online,
        unit=Unit.STATE,
        source_every=timedelta(seconds=2),
        empty="No check has run yet.",
        runbook="docs/runbooks/DiscordBotDown.md",
    )
)

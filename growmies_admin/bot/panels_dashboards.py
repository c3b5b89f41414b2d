"""Panels of the two dashboards that ask for the bot's own figures; see panels.py."""

from datetime import timedelta

from compliance.policy import AGE_THRESHOLD_YEARS
from monitoring.panels.boards import Board
from monitoring.panels.registry import Kind, Panel, Query, Threshold, Unit, register
from monitoring.tones import Tone

_SLOWER = timedelta(seconds=15)

register(
    Panel(
        slug="bot-status",
        title="Bot Status",
        short="Bot",
        kind=Kind.STAT,
        board=Board.OVERVIEW,
        position=1,
        about="Whether Prometheus reaches the bot.",
        queries=(Query('up{job="discord-bot"}', "Bot Online"),),
        unit=Unit.STATE,
        thresholds=(Threshold(0, Tone.CRITICAL, "Down"), Threshold(1, Tone.OK, "Up")),
        empty="Prometheus does not ask the bot.",
        runbook="docs/runbooks/DiscordBotDown.md",
    )
)
register(
    Panel(
        slug="active-users",
        title="Active Users",
        short="Active users",
        kind=Kind.LINES,
        board=Board.OVERVIEW,
        position=2,
        about="Members online (text), in voice, and verified in all.",
        queries=(Query("discord_active_users", "{{channel_type}} users"),),
        refresh=_SLOWER,
        empty="The bot has not counted anybody yet.",
        runbook="docs/runbooks/DiscordGatewayDisconnected.md",
    )
)
register(
    Panel(
        slug="command-execution-rate",
        title="Command Execution Rate",
        short="Commands a second",
        kind=Kind.LINES,
        board=Board.OVERVIEW,
        position=3,
        about="Commands a second, by command.",
        queries=(
            Query(
                "sum by (command) (rate(discord_commands_total[5m]))",
                "{{command}} commands/sec",
            ),
        ),
        unit=Unit.PER_SECOND,
        refresh=_SLOWER,
        empty="The bot has not reported any command yet.",
        runbook="docs/runbooks/DiscordBotDown.md",
    )
)
register(
    Panel(
        slug="member-growth",
        title="Member Growth",
        short="Member growth",
        kind=Kind.LINES,
        board=Board.COMMUNITY,
        position=1,
        about="Members of the guild, and those that are verified.",
        queries=(
            Query('max(discord_guild_members{job="discord-bot"})', "Total Members"),
            Query(
                'discord_active_users{channel_type="verified"}',
                f"Verified {AGE_THRESHOLD_YEARS}+ Members",
            ),
        ),
        refresh=timedelta(minutes=1),
        span=timedelta(days=7),
        empty="The bot has not counted anybody yet.",
        runbook="docs/runbooks/DiscordGatewayDisconnected.md",
    )
)
register(
    Panel(
        slug="channel-activity-heatmap",
        title="Channel Activity Heatmap",
        short="Messages by channel and hour",
        kind=Kind.HEATMAP,
        board=Board.COMMUNITY,
        position=2,
        about="Messages a second by channel and hour, last 24 hours.",
        queries=(Query("sum by (channel) (rate(discord_messages_total[1h]))", "{{channel}}"),),
        unit=Unit.PER_SECOND,
        refresh=timedelta(minutes=1),
        span=timedelta(days=1),
        empty="No message in the last 24 hours.",
        runbook="docs/runbooks/DiscordNoEvents.md",
    )
)
register(
    Panel(
        slug="growing-help-requests",
        title="Growing Help Requests",
        short="Growing help, messages",
        kind=Kind.LINES,
        board=Board.COMMUNITY,
        position=3,
        about="Messages in the channel growing-help since the bot started.",
        queries=(Query('sum(discord_messages_total{channel="growing-help"})', "Help Requests"),),
        refresh=_SLOWER,
        span=timedelta(days=1),
        empty="There is no channel growing-help, or nobody has written there yet.",
        runbook="docs/runbooks/DiscordNoEvents.md",
    )
)
register(
    Panel(
        slug="educational-content-engagement",
        title="Educational Content Engagement",
        short="Messages about cannabis",
        kind=Kind.LINES,
        board=Board.COMMUNITY,
        position=4,
        about="Messages about cannabis since the bot started.",
        queries=(
            Query(
                'sum(discord_messages_total{contains_cannabis_content="true"})',
                "Cannabis Content Interactions",
            ),
        ),
        refresh=_SLOWER,
        span=timedelta(days=1),
        empty="No message has been counted yet.",
        runbook="docs/runbooks/DiscordNoEvents.md",
    )
)

"""KPIs of what the bot counts, and of the bot itself."""

from django.conf import settings

from growmies_admin import policy
from growmies_admin.bot import kpi_figures
from monitoring import policy as monitoring_policy
from monitoring.kpis.registry import Kpi, Link, Target, Unit, nothing_counts_it, register
from monitoring.ui.words import span

_ENGAGEMENT, _TECHNICAL = "User Engagement", "Technical Performance"
_EDUCATION = "Cannabis Education"
_WALL = Link("Wall", "/wall/main/", "panels.view_boards")
_ACTS = "Members who wrote, used a command or a button, or were in voice"
_SKETCH = "HyperLogLog of each day (Valkey), within 0.81 %"


def _of_days(number: int) -> str:
    return "the day" if number == 1 else f"at least one of {number} days"


for _place, (_slug, _title, _days) in enumerate(
    (
        ("daily-active-users", "Daily Active Users (DAU)", 1),
        ("weekly-active-users", "Weekly Active Users (WAU)", 7),
        ("monthly-active-users", "Monthly Active Users (MAU)", 30),
    ),
    start=1,
):
    register(
        Kpi(
            slug=_slug,
            title=_title,
            group=_ENGAGEMENT,
            place=_place,
            definition=f"{_ACTS}, on {_of_days(_days)}; no bots.",
            formula=f"PFCOUNT of {'the day' if _days == 1 else f'{_days} days, merged'}",
            source=_SKETCH,
            unit=Unit.COUNT,
            measure=kpi_figures.active(_days),
            whole_day=_days == 1,
            further=[_WALL],
        )
    )
register(
    Kpi(
        slug="session-duration",
        title="Average session duration",
        group=_ENGAGEMENT,
        place=4,
        definition=f"How long a member stays active: from the first act to the last, as long as "
        f"no pause is longer than {span(policy.SESSION_PAUSE)}; one act alone is "
        f"{span(policy.SESSION_LEAST)}.",
        formula="seconds of all sessions / sessions that began on the day",
        source="sums of the bot by day (PostgreSQL)",
        unit=Unit.SECONDS,
        measure=kpi_figures.session_length,
        whole_day=True,
    )
)
register(
    Kpi(
        slug="message-volume",
        title="Message volume per channel",
        group=_ENGAGEMENT,
        place=5,
        definition="Messages that people wrote on the day, in all text channels and in each; "
        "threads count to their channel.",
        formula="sum of messages by channel",
        source="sums of the bot by day and channel (PostgreSQL)",
        unit=Unit.COUNT,
        measure=kpi_figures.messages,
        whole_day=True,
        further=[_WALL],
    )
)
register(
    Kpi(
        slug="voice-time",
        title="Voice channel usage time",
        group=_ENGAGEMENT,
        place=6,
        definition="Time that people spent in voice on the day, added up over people; the channel "
        "of the absent (AFK) left out.",
        formula="sum over people of seconds in voice, by channel",
        source="sums of the bot by day and channel (PostgreSQL)",
        unit=Unit.SECONDS,
        measure=kpi_figures.voice_time,
        whole_day=True,
    )
)
register(
    Kpi(
        slug="bot-uptime",
        title="Bot uptime percentage",
        group=_TECHNICAL,
        place=17,
        definition="The share of the day in which the bot answered Prometheus.",
        formula='1 − avg_over_time(growmies:unavailable{slo="bot"}[day])',
        source=f"Prometheus: growmies:unavailable, every {span(monitoring_policy.SCRAPE_EVERY)}",
        unit=Unit.SHARE,
        measure=kpi_figures.uptime,
        targets=[Target(monitoring_policy.KPI_UPTIME_TARGET)],
        further=[Link("Alerts", "/alerts/?tab=history&name=DiscordBotDown", "alerts.view")],
    )
)
register(
    Kpi(
        slug="command-response-time",
        title="Command response time (p95/p99)",
        group=_TECHNICAL,
        place=18,
        definition="How long commands and buttons took to be answered: 95 and 99 of 100 were "
        "answered within this.",
        formula="histogram_quantile(0.95 and 0.99) of the day's increase of "
        "discord_command_duration_seconds",
        source="Prometheus: discord_command_duration_seconds",
        unit=Unit.SECONDS,
        measure=kpi_figures.command_time,
        targets=[
            Target(policy.COMMAND_P95_TARGET.total_seconds(), at_least=False),
            Target(policy.COMMAND_P99_TARGET.total_seconds(), at_least=False, part=kpi_figures.P99),
        ],
        lines=(kpi_figures.P95, kpi_figures.P99),
        further=[_WALL],
    )
)
register(
    Kpi(
        slug="rate-limit-use",
        title="API rate limit utilization",
        group=_TECHNICAL,
        place=19,
        definition="The share of our 50 requests a second to Discord that was used, in the busiest "
        "moment of the day and on average.",
        formula="1 − min_over_time and avg_over_time(growmies:discord_rate_limit:left_ratio[day])",
        source="Prometheus: discord_api_rate_limit_remaining of our own count",
        unit=Unit.SHARE,
        measure=kpi_figures.rate_limit,
        targets=[Target(policy.RATE_LIMIT_TARGET, at_least=False)],
        lines=(kpi_figures.BUSIEST, kpi_figures.AVERAGE),
        further=[Link("Alerts", "/alerts/?tab=history&name=DiscordRateLimitHigh", "alerts.view")],
    )
)
for _place, _slug, _title, _definition, _setting in (
    (
        22,
        "education-engagement",
        "Educational content engagement",
        "Messages that people wrote on the day in the channels of education.",
        "KPI_EDUCATION_CHANNELS",
    ),
    (
        23,
        "growing-help",
        "Growing help channel activity",
        "Messages that people wrote on the day in the channels where growers help each other.",
        "KPI_GROWING_HELP_CHANNELS",
    ),
):
    register(
        Kpi(
            slug=_slug,
            title=_title,
            group=_EDUCATION,
            place=_place,
            definition=_definition,
            formula=f"sum of messages in the channels of {_setting}",
            source="sums of the bot by day and channel (PostgreSQL)",
            unit=Unit.COUNT,
            measure=kpi_figures.messages_in(_setting),
            whole_day=True,
            lines=getattr(settings, _setting),
        )
    )
for _place, _slug, _title, _definition, _formula, _source, _why in (
    (
        24,
        "resource-sharing",
        "Resource sharing frequency",
        "Guides, links and files that members share with each other on the day.",
        "shared resources on the day",
        "a list of shared resources",
        "There is no list of shared resources; the bot reads no links or files.",
    ),
    (
        25,
        "expert-participation",
        "Expert contributor participation",
        "The share of questions to which a recognized expert wrote.",
        "questions with an answer of an expert / questions",
        "a list of experts, questions and answers",
        "Nobody is recognized as an expert here, and questions are not told from other messages.",
    ),
    (
        26,
        "knowledge-contributions",
        "Knowledge base contribution rate",
        "Articles written or improved by members on the day.",
        "contributions to the knowledge base on the day",
        "a knowledge base",
        "There is no knowledge base.",
    ),
):
    register(
        Kpi(
            slug=_slug,
            title=_title,
            group=_EDUCATION,
            place=_place,
            definition=_definition,
            formula=_formula,
            source=_source,
            unit=Unit.SHARE if _slug == "expert-participation" else Unit.COUNT,
            measure=nothing_counts_it(_why),
        )
    )

"""Whether the bots of others were there."""

from monitoring import policy
from monitoring.kpis import asking
from monitoring.kpis.days import Day
from monitoring.kpis.registry import Kpi, Link, NotMeasured, Part, Reading, Target, Unit, register
from monitoring.uptime.metrics import BOTS

_ONLINE = 'max by (bot_name) (avg_over_time(third_party_bot_health{job="discord-bot"}[1d]))'


def other_bots(day: Day) -> Reading:
    """The share of the day in which they were online, on average and of each."""
    if not BOTS:
        raise NotMeasured("No other bot is watched (THIRD_PARTY_BOTS).")
    found = {s.labels["bot_name"]: s.value for s in asking.of_day(_ONLINE, day)}
    if not found:
        raise NotMeasured("Nobody saw the other bots: our bot was away, or has no presence intent.")
    parts = [Part(bot.name, found.get(bot.name)) for bot in BOTS]
    return Reading(sum(found.values()) / len(found), parts)


register(
    Kpi(
        slug="third-party-bots",
        title="Third-party bot integration status",
        group="Technical Performance",
        place=21,
        definition="The share of the day in which the other bots of the guild were online, as our "
        "own bot saw it.",
        formula="average over the bots of avg_over_time(third_party_bot_health[day])",
        source="Prometheus: third_party_bot_health",
        unit=Unit.SHARE,
        measure=other_bots,
        targets=[Target(policy.KPI_OTHER_BOTS_TARGET)],
        lines=tuple(bot.name for bot in BOTS),
        further=[Link("Wall: third-party bots", "/wall/main/", "panels.view_boards")],
    )
)

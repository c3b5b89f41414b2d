"""third_party_bot_health; the bot sets it from presences."""

from monitoring.metrics.families import GaugeFamily

# Names of the guide, and what each bot is for (contract.md, "Metric labels").
BOTS = {
    "carl-bot": "moderation",
    "sesh": "events",
    "statbot": "statistics",
    "xenon": "backup",
}
third_party_bot_health = GaugeFamily(
    "third_party_bot_health",
    "1 while the other bot is online, 0 while it is not; absent without the presence intent.",
    {"bot_name": tuple(BOTS), "function": tuple(BOTS.values())},
)

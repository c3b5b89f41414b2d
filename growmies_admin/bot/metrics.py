"""What the bot measures: docs/metrics.md has each family and its labels."""

from compliance.effects import kinds
from monitoring.metrics.families import OTHER, CounterFamily, GaugeFamily, HistogramFamily

# verify-method, -consent and -withdraw are buttons of the answer to /verify or /verify-status,
# case-take-back of that to /warn or /note.
COMMANDS = (
    "verify",
    "verify-status",
    "appeal",
    "verify-method",
    "verify-consent",
    "verify-withdraw",
    "feedback",
    "warn",
    "note",
    "case",
    "history",
    "case-take-back",
    OTHER,
)
USER_TYPES = ("member", "verified", "moderator", "administrator")
CHANNEL_TYPES = ("text", "voice", "thread", "dm", OTHER)
STATUSES = ("success", "error", "denied", "timeout")
MESSAGE_TYPES = ("default", "reply", "thread", "system", "bot")

commands_total = CounterFamily(
    "discord_commands_total",
    "Discord commands executed.",
    {
        "command": COMMANDS,
        "user_type": USER_TYPES,
        "channel_type": CHANNEL_TYPES,
        "status": STATUSES,
    },
)
command_duration = HistogramFamily(
    "discord_command_duration_seconds",
    "Duration of Discord command execution.",
    {"command": COMMANDS, "status": STATUSES},
    buckets=(0.1, 0.5, 1, 2, 5, 10),
)
messages_total = CounterFamily(
    "discord_messages_total",
    "Messages seen in the guild.",
    {
        "channel": (OTHER,),
        "type": MESSAGE_TYPES,
        "contains_cannabis_content": ("true", "false"),
    },
)
active_users = GaugeFamily(
    "discord_active_users",
    "Members in voice, online (needs presences), and verified in all.",
    {"channel_type": ("voice", "text", "verified"), "time_period": ("current", "total")},
)
guild_members = GaugeFamily("discord_guild_members", "Members of the guild.", {})
gateway_latency = GaugeFamily(
    "discord_gateway_latency_seconds", "Time from a heartbeat to its acknowledgement.", {}
)
connected = GaugeFamily(
    "discord_gateway_connected", "1 while the gateway is connected and ready.", {}, start=True
)
gateway_events = CounterFamily("discord_gateway_events_total", "Events that the gateway sent.", {})
gateway_last_event = GaugeFamily(
    "discord_gateway_last_event_timestamp_seconds", "When the gateway sent its last event.", {}
)
events_unreadable = CounterFamily(
    "discord_events_unreadable_total",
    "Events of the gateway that could not be read and were left out.",
    {"event": (OTHER,)},
)
session_starts_left = GaugeFamily(
    "discord_session_starts_left",
    "Sessions that Discord lets the bot begin until its count starts anew; 1,000 a day.",
    {},
)
loop_lag = HistogramFamily(
    "discord_event_loop_lag_seconds",
    "How much later than asked the bot's event loop came back, ten times a second.",
    {},
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
rate_limit_remaining = GaugeFamily(
    "discord_api_rate_limit_remaining",
    "Requests left in the bucket's window, from Discord's headers; global is our own count.",
    {"bucket": ("global", OTHER)},
)
rate_limit = GaugeFamily(
    "discord_api_rate_limit_limit",
    "Requests that the bucket's window allows.",
    {"bucket": ("global", OTHER)},
)
api_requests_total = CounterFamily(
    "discord_api_requests_total",
    "REST requests to Discord by the class of their answer; 429 stands alone.",
    {"status": ("2xx", "4xx", "429", "5xx", "none")},
)
invalid_requests_left = GaugeFamily(
    "discord_api_invalid_requests_left",
    "401, 403 and 429 answers left of the 10,000 in 10 minutes that Discord allows.",
    {},
)
effect_deliveries_total = CounterFamily(
    "effect_deliveries_total",
    "Ends of delivery attempts.",
    {
        "kind": tuple(kinds.names()),
        "outcome": ("delivered", "failed", "parked", "retry"),
    },
)
effect_delay = HistogramFamily(
    "effect_delivery_delay_seconds",
    "From the moment an effect was due to Discord's answer.",
    {"kind": tuple(kinds.names())},
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300, 1800),
)
engagement_writes_total = CounterFamily(
    "engagement_writes_total",
    "Batches of the guild's activity for the KPIs; kept waits for the store to come back.",
    {"store": ("valkey", "database"), "outcome": ("written", "kept")},
)

"""Set for messages in Discord."""

from monitoring.delivery.setting import url

DISCORD_ALERT_WEBHOOK_URL = url(
    "DISCORD_ALERT_WEBHOOK_URL",
    "a webhook for alerts: ours while the bot has made none, and Alertmanager's own for what the "
    "site can't say",
)

"""How a message gets through, one module a way. A new channel is a module and a line here."""

from collections.abc import Mapping

from monitoring.alerts.channels import by_apprise, by_discord, by_email, by_pagerduty
from monitoring.alerts.channels.base import Transport
from monitoring.alerts.models import Channel

TRANSPORTS: Mapping[str, Transport] = {
    Channel.DISCORD: by_discord.Discord(),
    Channel.EMAIL: by_email.Email(),
    Channel.SMS: by_apprise.Sms(),
    Channel.PAGERDUTY: by_pagerduty.PagerDuty(),
    Channel.SLACK: by_apprise.Slack(),
}

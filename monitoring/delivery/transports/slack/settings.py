"""Set for Slack."""

from monitoring.delivery.setting import url

SLACK_WEBHOOK_URL = url("SLACK_WEBHOOK_URL", "an incoming webhook of Slack")

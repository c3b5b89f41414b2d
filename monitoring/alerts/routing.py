"""Who is told of an alert by us: channel and target, as the guide routes them.

Discord is ours for every alert. E-mail, PagerDuty and Slack are Alertmanager's (docker/
alertmanager), and ours only for what goes past it. SMS is ours: Alertmanager has none.
"""

from django.conf import settings

from monitoring import policy
from monitoring.alerts.models import Alert, Channel, Severity, Source

CRITICAL, COMPLIANCE, OPS, DEFAULT = (
    "critical-alerts",
    "compliance-alerts",
    "ops-alerts",
    "monitoring-alerts",
)
DISCORD_CHANNELS = (CRITICAL, COMPLIANCE, OPS, DEFAULT)
# Alertmanager writes of these to Discord itself, because we may not be able to.
OF_ALERTMANAGER = frozenset({"WebDown", "WorkerDown", "PostgresDown", "ValkeyDown"})
# Nobody is told that a dead man's switch lives.
SILENT = frozenset({policy.WATCHDOG})


def targets_of(alert: Alert) -> list[tuple[str, str]]:
    """(channel, target) of everybody who is told by us."""
    if alert.name in SILENT:
        return []
    found: list[tuple[str, str]] = []
    is_direct = alert.source == Source.DIRECT
    if is_direct or not (alert.name in OF_ALERTMANAGER and settings.DISCORD_ALERT_WEBHOOK_URL):
        found.append((Channel.DISCORD, discord_channel(alert)))
    if alert.severity == Severity.CRITICAL:
        found += [(Channel.SMS, name) for name in settings.ALERT_SMS_URLS]
    if is_direct:
        found += _past_alertmanager(alert)
    return found


def discord_channel(alert: Alert) -> str:
    """Critical first, then by team: the order of Alertmanager's routes in the guide."""
    if alert.severity == Severity.CRITICAL:
        return CRITICAL
    return {"compliance": COMPLIANCE, "infrastructure": OPS}.get(alert.service, DEFAULT)


def _past_alertmanager(alert: Alert) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    team = "critical" if alert.severity == Severity.CRITICAL else alert.service
    if team in settings.ALERT_EMAILS:
        found.append((Channel.EMAIL, team))
    if settings.PAGERDUTY_KEY and alert.severity == Severity.CRITICAL:
        found.append((Channel.PAGERDUTY, "on-call"))
    if settings.SLACK_WEBHOOK_URL:
        found.append((Channel.SLACK, "alerts"))
    return found

"""Rendered configurations, as ./dev up writes them."""

from pathlib import Path

import pytest
import yaml

from growmies_admin.stack import rendering
from growmies_admin.stack.layout import Layout

# What a stack always has; nothing that a person sets.
NOTHING: dict[str, str] = {
    f"{server}_{what}": f"{server.lower()}'s {what.lower()}"
    for server in ("PROMETHEUS", "ALERTMANAGER")
    for what in ("USER", "PASSWORD")
} | {"EXPORTER_PASSWORD": "exporters' password"}
ALL = {
    "SMTP_HOST": "mail.example.org:587",
    "SMTP_FROM": "alerts@example.org",
    "SMTP_USERNAME": "growmies",
    "SMTP_PASSWORD": "0123$web: #'\"",
    "SMTP_TLS": "1",
    "ALERT_EMAIL_CRITICAL": "ops-team@example.org",
    "ALERT_EMAIL_COMPLIANCE": "compliance@example.org",
    "ALERT_EMAIL_OPS": "ops@example.org,night@example.org",
    "PAGERDUTY_KEY": "0123456789abcdef",
    "SLACK_WEBHOOK_URL": "https://slack.example.org/services/x",
    "DISCORD_ALERT_WEBHOOK_URL": "https://discord.example.org/api/webhooks/1/secret",
    "WATCHDOG_HEARTBEAT_URL": "https://heartbeat.example.org/1",
    "ALERT_WEBHOOK_TOKEN": "token-of-the-intake",
}


@pytest.fixture
def rendered(tmp_path):
    """Writes both files: `rendered(environment)` gives (prometheus.yml, alertmanager.yml)."""

    def render(environment: dict[str, str], **outside: str) -> tuple[Path, Path]:
        layout = Layout(tmp_path / "data", 8000, outside)
        prometheus, alertmanager, *_ = rendering.write(layout, environment, tmp_path)
        return prometheus, alertmanager

    return render


def receivers(path: Path) -> dict[str, dict]:
    found = yaml.safe_load(path.read_text())["receivers"]
    return {receiver.pop("name"): receiver for receiver in found}

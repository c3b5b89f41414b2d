"""Discord embeds of alerts: one of each kind, three severities."""

from datetime import datetime
from typing import Any

from monitoring import policy
from monitoring.alerts.models import SEVERITY_TONES, Severity
from monitoring.discord_words import quiet
from monitoring.tones import DISCORD_COLOURS, EMOJIS, Tone
from monitoring.ui.words import cut

FOOTER = "Growmies NJ Monitoring System"
_TITLE, _DESCRIPTION, _FIELD_NAME, _FIELD = 256, 2000, 256, 1024
Field = tuple[str, str, bool]


def embed(
    tone: str,
    title: str,
    description: str,
    fields: list[Field] | None = None,
    *,
    at: datetime,
    footer: str = "",
) -> dict[str, Any]:
    """An alert: emoji, colour, fields, time, footer; within Discord's limits."""
    known = Tone(tone)
    return {
        "title": cut(f"{EMOJIS[known]} {quiet(title)}", _TITLE),
        "description": cut(quiet(description), _DESCRIPTION),
        "color": DISCORD_COLOURS[known],
        "timestamp": at.isoformat(),
        "footer": {"text": footer or FOOTER},
        "fields": [
            {
                "name": cut(name, _FIELD_NAME),
                "value": cut(quiet(value), _FIELD) or "–",
                "inline": is_inline,
            }
            for name, value, is_inline in fields or []
        ],
    }


def severity_tone(severity: str) -> str:
    """An unknown one is shown as information."""
    return SEVERITY_TONES[Severity(severity if severity in Severity.values else Severity.INFO)]


def bot_fields(details: dict[str, str]) -> list[Field]:
    return [
        ("Uptime", details.get("uptime", ""), True),
        ("Memory Usage", details.get("memory", ""), True),
        ("Guild Count", details.get("guilds", ""), True),
    ]


def compliance_fields(violation: dict[str, str]) -> list[Field]:
    return [
        ("Violation Type", violation.get("type", ""), True),
        ("User", violation.get("user", ""), True),
        ("Channel", violation.get("channel", ""), True),
        ("Action Taken", violation.get("action", ""), False),
        ("Content", violation.get("content", "")[: policy.ALERT_QUOTE], False),
    ]


def performance_fields(metric: str, value: str, threshold: str) -> list[Field]:
    return [
        ("Metric", metric, True),
        ("Current Value", value, True),
        ("Threshold", threshold, True),
    ]

"""An incident as Markdown, for a wiki, a post or a file.

Words of people and alerts are shown as they were written: a viewer makes no HTML of them.
Resolution and review may be Markdown themselves.
"""

import re
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from monitoring.incidents.models import Incident
from monitoring.ui.words import duration

_MARKUP = re.compile(r"[\\`\[\]|]")


def markdown(incident: Incident) -> str:
    """All of it; times in the current zone."""
    parts = [
        f"# {incident}: {_plain(incident.title)}",
        _facts(incident),
        _section("Resolution", incident.resolution),
        _section("Review", incident.review),
        _alerts(incident),
        _timeline(incident),
        f"{settings.PUBLIC_URL}{incident.get_absolute_url()}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _facts(incident: Incident) -> str:
    rows = [
        ("Severity", incident.get_severity_display()),
        ("State", incident.get_state_display()),
        ("Service", incident.service),
        ("Opened", _when(incident.opened_at)),
        ("Opened by", str(incident.opened_by or "alerts")),
        ("Commander", str(incident.commander or "")),
        ("Escalation", str(incident.policy.get("name", ""))),
        ("Runbook", incident.runbook),
    ]
    if incident.acknowledged_at:
        after = duration(incident.acknowledged_at - incident.opened_at)
        rows.append(("Acknowledged", f"after {after} by {incident.acknowledged_by}"))
    if incident.resolved_at:
        after = duration(incident.resolved_at - incident.opened_at)
        rows.append(("Resolved", f"after {after}"))
    lines = ["| | |", "|---|---|"]
    lines += [f"| {name} | {_plain(value)} |" for name, value in rows if value]
    return "\n".join(lines)


def _alerts(incident: Incident) -> str:
    links = list(incident.links.select_related("alert").order_by("id")[:100])
    if not links:
        return ""
    lines = []
    for link in links:
        alert = link.alert
        end = f" until {_when(alert.ends_at)}" if alert.ends_at else ", still fires"
        lines.append(f"- {_plain(alert.name)} from {_when(alert.starts_at)}{end}")
    return "## Alerts\n\n" + "\n".join(lines)


def _timeline(incident: Incident) -> str:
    lines = ["## Timeline", "", "| when | what | who |", "|---|---|---|"]
    for entry in incident.timeline.select_related("by").order_by("at", "id"):
        who = str(entry.by or entry.source)
        lines.append(f"| {_when(entry.at)} | {_plain(entry.text)} | {_plain(who)} |")
    return "\n".join(lines)


def _section(title: str, text: str) -> str:
    return f"## {title}\n\n{_no_html(text.strip())}" if text.strip() else ""


def _when(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S %Z}"


def _plain(text: str) -> str:
    """One line that says the same: no HTML, link, picture, code or end of a cell."""
    return _no_html(_MARKUP.sub(r"\\\g<0>", " ".join(str(text).split())))


def _no_html(text: str) -> str:
    """Every tag and every entity begins with one of these two."""
    return text.replace("&", "&amp;").replace("<", "&lt;")

"""docs/alerts.md lists every alert as its rule has it, and each has a runbook with its parts."""

import re

import pytest
import yaml

from tests.monitoring.prometheus.promql import REPOSITORY, alerts

PAGE = (REPOSITORY / "docs" / "alerts.md").read_text()
ROW = re.compile(
    r"^\| `(\w+)` \| .+? \| (\w+) \| ([\w-]+) \| (\w+|–) \| \[\w+\]\((.+?)\) \|$", re.M
)
SEVERITIES = {"critical", "warning", "none"}
SERVICES = {
    "discord-bot",
    "discord-api",
    "compliance",
    "third-party-integration",
    "infrastructure",
}
# Those of the operations guide: name -> severity, service, for.
GUIDE = {
    "DiscordBotDown": ("critical", "discord-bot", "2m"),
    "HighErrorRate": ("warning", "discord-bot", "5m"),
    "HighMemoryUsage": ("warning", "discord-bot", "10m"),
    "AgeVerificationFailure": ("critical", "compliance", "5m"),
    "ComplianceViolationSpike": ("warning", "compliance", "2m"),
    "ThirdPartyBotOffline": ("warning", "third-party-integration", "5m"),
    "DiscordRateLimitHigh": ("warning", "discord-api", "1m"),
    "HighServerLoad": ("warning", "infrastructure", "10m"),
}


def test_it_works():
    listed = {
        (name, severity, service, held) for name, severity, service, held, _ in ROW.findall(PAGE)
    }
    ruled = {
        (rule["alert"], rule["labels"]["severity"], rule["labels"]["service"], rule.get("for", "–"))
        for rule in alerts()
    }
    assert listed == ruled


def test_the_guides_alerts_keep_name_labels_and_duration():
    found = {
        rule["alert"]: (rule["labels"]["severity"], rule["labels"]["service"], rule.get("for"))
        for rule in alerts()
    }
    assert GUIDE.items() <= found.items()


@pytest.mark.parametrize("rule", alerts(), ids=lambda r: f"{r['alert']}-{r['labels']['severity']}")
def test_each_says_what_and_where_to_look(rule):
    assert rule["labels"].keys() == {"severity", "service"}
    assert rule["labels"]["severity"] in SEVERITIES
    assert rule["labels"]["service"] in SERVICES
    assert rule["annotations"].keys() == {"summary", "description", "runbook_url"}
    path = f"docs/runbooks/{rule['alert']}.md"
    assert rule["annotations"]["runbook_url"] == path
    book = (REPOSITORY / path).read_text()
    assert book.startswith(f"# Runbook: {rule['alert']}\n")
    for part in ("## Look", "## Do", "## Escalate when"):
        assert part in book


def test_the_delays_are_those_that_are_shipped():
    scrape = yaml.safe_load((REPOSITORY / "docker/prometheus/prometheus.yml").read_text())["global"]
    assert (scrape["scrape_interval"], scrape["evaluation_interval"]) == ("5s", "5s")
    assert "| Prometheus asks each target | every 5 seconds" in PAGE
    assert "10 seconds for critical ones, 30 for others" in PAGE

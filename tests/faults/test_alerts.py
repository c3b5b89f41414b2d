"""A stopped bot becomes an alert at Alertmanager, and ends there when the bot is back.

Real Prometheus and Alertmanager with the shipped rules; only their `for` is shortened.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.running import REPOSITORY, Stack, eventually, running_stack

RULES = REPOSITORY / "docker" / "prometheus" / "rules"
HELD_SECONDS = 5


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack whose alerts hold for a few seconds, and that tells nobody outside."""
    folder: Path = tmp_path_factory.mktemp("rules")
    for path in RULES.glob("*.yml"):
        text = re.sub(r"^( +for: ).*$", rf"\g<1>{HELD_SECONDS}s", path.read_text(), flags=re.M)
        (folder / path.name).write_text(text)
    with running_stack(PROMETHEUS_RULES_DIR=str(folder)) as running:
        yield running


def alerts(stack: Stack, **labels: str) -> list[dict[str, Any]]:
    """What Alertmanager knows as firing, with these labels."""
    answer = httpx.get(
        f"http://127.0.0.1:{stack.layout.port('alertmanager')}/api/v2/alerts",
        params=[("filter", f'{name}="{value}"') for name, value in labels.items()],
        timeout=10,
        trust_env=False,
    )
    found: list[dict[str, Any]] = answer.json()
    return found


def test_a_stopped_bot_is_told_and_so_is_its_return(hasty: Stack) -> None:
    eventually(lambda: alerts(hasty, alertname="Watchdog"), within_seconds=60)
    assert alerts(hasty, alertname="DiscordBotDown") == []
    hasty.stop("bot")
    # Scrape, evaluation and "for", and as much again for a busy machine.
    (alert,) = eventually(lambda: alerts(hasty, alertname="DiscordBotDown"), within_seconds=45)
    assert alert["labels"] | {"instance": ""} == {
        "alertname": "DiscordBotDown",
        "severity": "critical",
        "service": "discord-bot",
        "job": "discord-bot",
        "instance": "",
    }
    assert alert["annotations"]["runbook_url"] == "docs/runbooks/DiscordBotDown.md"
    assert {r["name"] for r in alert["receivers"]} == {"growmies-admin", "critical-alerts"}
    assert alerts(hasty, alertname="TargetDown", job="discord-bot") == []

    hasty.start("bot")
    eventually(lambda: not alerts(hasty, alertname="DiscordBotDown"), within_seconds=90)


def test_every_rule_is_loaded_and_well(hasty: Stack) -> None:
    answer = httpx.get(f"{hasty.prometheus_url}/api/v1/rules", timeout=10, trust_env=False)
    rules = [rule for group in answer.json()["data"]["groups"] for rule in group["rules"]]
    eventually(lambda: hasty.query('up{job="alertmanager"}') == 1, within_seconds=30)
    assert len(rules) > 40
    assert [rule["name"] for rule in rules if rule["health"] == "err"] == []


def test_a_whole_stack_measures_what_its_alerts_look_at(hasty: Stack) -> None:
    for figure in (
        "evidence_overdue_seconds",
        "audit_unsealed_oldest_seconds",
        'job_period_seconds{job="daily_cleanup"}',
    ):
        eventually(lambda f=figure: hasty.query(f"count({f})") == 1, within_seconds=60)

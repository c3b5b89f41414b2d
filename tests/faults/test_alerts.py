"""From a stopped bot to Discord and an incident, also while something on the way is down.

Every hop is the real program, with the shipped rules and routes; only their waits are shortened.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.running import HTTP, REPOSITORY, Stack, eventually, running_stack

RULES = REPOSITORY / "docker" / "prometheus" / "rules"
ROUTES = REPOSITORY / "docker" / "alertmanager" / "alertmanager.yml"
HELD_SECONDS = 5  # in place of `for`, and of the waits of Alertmanager's groups

_BOT_DOWN = """
import json
from monitoring.alerts.models import Alert
from monitoring.alerts.telling import messages_about
found = Alert.objects.filter(name="DiscordBotDown", starts_at__gte="%s").order_by("pk")
print(json.dumps([
    {
        "id": a.pk, "status": a.status, "source": a.source,
        "starts_at": str(a.starts_at), "ends_at": str(a.ends_at),
        "fired": a.events.filter(kind="fired").count(),
        "told": [
            [d.channel, d.target, d.state, d.tries.filter(outcome="sent").count()]
            for d in messages_about(a)
        ],
        "incidents": [[l.incident_id, l.incident.state] for l in a.incident_links.all()],
    }
    for a in found
]))
"""


_begun: dict[str, str] = {}


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack whose alerts hold for a few seconds."""
    folder: Path = tmp_path_factory.mktemp("rules")
    for path in RULES.glob("*.yml"):
        text = re.sub(r"^( +for: ).*$", rf"\g<1>{HELD_SECONDS}s", path.read_text(), flags=re.M)
        (folder / path.name).write_text(text)
    routes = re.sub(
        r"^( +group_(?:wait|interval): ).*$",
        rf"\g<1>{HELD_SECONDS}s",
        ROUTES.read_text(),
        flags=re.M,
    )
    template = folder / "alertmanager.yaml"
    template.write_text(routes)
    with running_stack(
        PROMETHEUS_RULES_DIR=str(folder), ALERTMANAGER_TEMPLATE=str(template)
    ) as running:
        yield running


@pytest.fixture
def quiet(hasty: Stack) -> Iterator[Stack]:
    """The bot is alive and its alert is over, at Prometheus, at Alertmanager and with us.

    What the records tell from here on has begun since: the end of an earlier alert, such as
    one from the start of the stack, may still come in. An end that Alertmanager does not tell
    (it tells none of what was over before we had answered) is found within two minutes.
    """
    eventually(hasty.is_healthy, within_seconds=90, every_seconds=1)
    _begun["at"] = "2000-01-01T00:00:00Z"
    eventually(lambda: not firing(hasty), within_seconds=150, every_seconds=1)
    _begun["at"] = datetime.now(UTC).isoformat()
    yield hasty
    hasty.practice("DELETE", "/faults")
    for name in ("postgres", "alertmanager", "bot"):
        if not hasty.runs(name):
            hasty.start(name)


def alerts(stack: Stack, **labels: str) -> list[dict[str, Any]]:
    """What Alertmanager knows as firing, with these labels."""
    answer = HTTP.get(
        f"http://127.0.0.1:{stack.layout.port('alertmanager')}/api/v2/alerts",
        params=[("filter", f'{name}="{value}"') for name, value in labels.items()],
        auth=stack.password_of("ALERTMANAGER"),
    )
    found: list[dict[str, Any]] = answer.json()
    return found


def records(stack: Stack) -> list[dict[str, Any]]:
    """Our rows of the bot's alert that began with the test, oldest first."""
    found: list[dict[str, Any]] = stack.python(_BOT_DOWN % _begun["at"])
    return found


def firing(stack: Stack) -> list[dict[str, Any]]:
    return [row for row in records(stack) if row["status"] == "firing"]


def embeds(stack: Stack) -> list[dict[str, Any]]:
    """What stands in the guild's channel of critical alerts about the bot, oldest first."""
    guild = stack.practice("GET", "/guild")
    channel = next(c["id"] for c in guild["channels"] if c["name"] == "critical-alerts")
    answer = HTTP.get(
        f"http://127.0.0.1:{stack.port_base + 1}/api/v10/channels/{channel}/messages",
        headers={"Authorization": f"Bot {guild['token']}"},
    )
    assert answer.is_success, answer.text
    found = [embed for message in answer.json() for embed in message["embeds"]]
    return [embed for embed in reversed(found) if "bot is offline" in str(embed)]


def test_a_stopped_bot_is_told_and_so_is_its_return(quiet: Stack) -> None:
    eventually(lambda: alerts(quiet, alertname="Watchdog"), within_seconds=60)
    # On a busy machine the start of the stack itself may have been told.
    before = len(embeds(quiet))
    quiet.stop("bot")
    # Scrape, evaluation, `for`, the group's wait, the worker; and as much for a busy machine.
    eventually(lambda: is_told(quiet, before), within_seconds=60)
    assert embeds(quiet)[-1]["title"].startswith("🔥 Discord bot is offline")
    assert len(records(quiet)) == 1
    told_once(quiet, before)
    eventually(lambda: incidents(quiet) == ["open"], within_seconds=60)
    (alert,) = alerts(quiet, alertname="DiscordBotDown")
    assert alert["labels"] | {"instance": ""} == {
        "alertname": "DiscordBotDown",
        "severity": "critical",
        "service": "discord-bot",
        "job": "discord-bot",
        "instance": "",
    }
    assert alert["annotations"]["runbook_url"] == "docs/runbooks/DiscordBotDown.md"
    assert {r["name"] for r in alert["receivers"]} == {"growmies-admin", "critical-alerts"}
    assert alerts(quiet, alertname="TargetDown", job="discord-bot") == []

    quiet.start("bot")
    eventually(lambda: not alerts(quiet, alertname="DiscordBotDown"), within_seconds=90)
    eventually(lambda: "Resolved" in str(embeds(quiet)[-1]), within_seconds=60)
    assert len(embeds(quiet)) == before + 1, "it is edited, not repeated"
    eventually(lambda: not firing(quiet), within_seconds=60)
    assert records(quiet)[-1]["status"] == "resolved"
    eventually(lambda: incidents(quiet) == ["resolved"], within_seconds=60)


def incidents(stack: Stack) -> list[str]:
    """The states of the incidents of the newest row. Alerts are taken up after their commit."""
    return [state for _, state in records(stack)[-1]["incidents"]]


def told_once(stack: Stack, before: int) -> dict[str, Any]:
    """The one new row of the record, delivered once to the one channel."""
    row = records(stack)[-1]
    assert row["fired"] == 1
    assert row["told"] == [["discord", "critical-alerts", "sent", 1]]
    assert len(embeds(stack)) == before + 1
    return row


def is_told(stack: Stack, before: int) -> bool:
    if len(embeds(stack)) <= before:
        return False
    newest = records(stack)[-1]
    assert newest["told"], f"an alert of which nobody is told: {records(stack)}"
    return bool(newest["told"][0][2] == "sent")


def test_alertmanager_away(quiet: Stack) -> None:
    before = len(embeds(quiet))
    quiet.stop("alertmanager")
    quiet.stop("bot")
    # It is away for 30 seconds before anything goes past it, which is looked at every 30 seconds.
    eventually(lambda: is_told(quiet, before), within_seconds=120, every_seconds=1)
    row = told_once(quiet, before)
    assert row["source"] == "direct"
    eventually(lambda: len(incidents(quiet)) == 1, within_seconds=60)

    quiet.start("alertmanager")
    eventually(
        lambda: records(quiet)[-1]["source"] == "alertmanager",
        within_seconds=150,  # Prometheus says it again each minute only
        every_seconds=1,
    )
    assert len(records(quiet)) == 1, "Alertmanager's alert is the same one"
    told_once(quiet, before)
    quiet.start("bot")
    eventually(lambda: not firing(quiet), within_seconds=150, every_seconds=1)
    assert len(records(quiet)) == 1
    assert len(embeds(quiet)) == before + 1


def test_discord_away(quiet: Stack) -> None:
    before = len(embeds(quiet))
    quiet.stop("bot")
    quiet.practice("POST", "/faults", kind="outage", seconds=300)
    eventually(lambda: records(quiet), within_seconds=60, every_seconds=1)
    eventually(
        lambda: records(quiet)[-1]["told"][0][2] == "waiting", within_seconds=60, every_seconds=1
    )
    assert records(quiet)[-1]["told"][0][3] == 0
    quiet.practice("DELETE", "/faults")
    eventually(lambda: is_told(quiet, before), within_seconds=60, every_seconds=1)
    assert len(records(quiet)) == 1
    told_once(quiet, before)
    quiet.start("bot")


def test_postgres_away(quiet: Stack) -> None:
    before = len(embeds(quiet))
    quiet.stop("postgres")
    quiet.stop("bot")
    eventually(lambda: alerts(quiet, alertname="DiscordBotDown"), within_seconds=60)
    quiet.start("postgres")
    eventually(lambda: is_told(quiet, before), within_seconds=90, every_seconds=1)
    assert len(records(quiet)) == 1
    told_once(quiet, before)
    quiet.start("bot")


def test_every_rule_is_loaded_and_well(hasty: Stack) -> None:
    signed = hasty.password_of("PROMETHEUS")
    answer = HTTP.get(f"{hasty.prometheus_url}/api/v1/rules", auth=signed)
    rules = [rule for group in answer.json()["data"]["groups"] for rule in group["rules"]]
    eventually(lambda: hasty.query('up{job="alertmanager"}') == 1, within_seconds=60)
    assert len(rules) > 40
    assert [rule["name"] for rule in rules if rule["health"] == "err"] == []


def test_a_whole_stack_measures_what_its_alerts_look_at(hasty: Stack) -> None:
    for figure in (
        "evidence_overdue_seconds",
        "audit_unsealed_oldest_seconds",
        'job_period_seconds{job="daily_cleanup"}',
    ):
        eventually(lambda f=figure: hasty.query(f"count({f})") == 1, within_seconds=60)

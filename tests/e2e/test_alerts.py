"""An alert from end to end, every hop the real program: Prometheus, Alertmanager, site, Discord."""

import contextlib
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from playwright.sync_api import Page, expect

from tests.running import Stack

NAME = "BotDownInTheStory"
# The shipped intervals, scaled down for the test.
RULES = {
    "groups": [
        {
            "name": "story",
            "interval": "1s",
            "rules": [
                {
                    "alert": NAME,
                    "expr": 'up{job="discord-bot"} == 0',
                    "labels": {"severity": "critical", "service": "discord-bot"},
                    "annotations": {"summary": "The bot is offline in this story"},
                }
            ],
        }
    ]
}
MESSAGE = """
import json, httpx
from monitoring.delivery.transports.discord import webhooks
from monitoring.alerts.models import Alert
from monitoring.delivery.models import Message
mine = Alert.objects.filter(name={name!r}).values("pk")
row = Message.objects.filter(
    source="alerts", subject_id__in=mine, channel="discord", sent_at__isnull=False
)
row = row.order_by("-id").first()
found = None
if row is not None:
    url = webhooks.url_of(row.target)
    found = httpx.get(f"{{url}}/messages/{{row.receipt}}", trust_env=False).json()
print(json.dumps(found))
"""


@contextlib.contextmanager
def changed(stack: Stack, name: str, change: Callable[[Any], Any]) -> Iterator[None]:
    """A server of the stack with another configuration, until the end."""
    path = stack.data_dir / name / f"{name}.yml"
    before = path.read_text()
    path.write_text(yaml.safe_dump(change(yaml.safe_load(before))))
    os.kill(stack.pid(name), signal.SIGHUP)
    try:
        yield
    finally:
        path.write_text(before)
        os.kill(stack.pid(name), signal.SIGHUP)


@pytest.fixture
def quick(stack: Stack) -> Iterator[None]:
    """Our rule in Prometheus; Alertmanager delivers to the site after a second."""
    rules = stack.data_dir / "prometheus" / "story-rules.yml"
    rules.write_text(yaml.safe_dump(RULES))

    def with_rule(found: Any) -> Any:
        return found | {"rule_files": [str(rules)]}

    def to_the_site(found: Any) -> Any:
        authorization = {"credentials": stack.layout.secret("ALERT_WEBHOOK_TOKEN")}
        hook = {"url": f"{stack.url}/api/alerts/", "http_config": {"authorization": authorization}}
        route = {"group_wait": "1s", "group_interval": "1s", "repeat_interval": "1h"}
        return {
            "route": {"receiver": "site", "group_by": ["alertname"], **route},
            "receivers": [{"name": "site", "webhook_configs": [hook]}],
        }

    with changed(stack, "prometheus", with_rule), changed(stack, "alertmanager", to_the_site):
        yield


def message(stack: Stack) -> Any:
    """The message in the practice guild's channel, as Discord shows it."""
    return stack.python(MESSAGE.format(name=NAME))


def fields(shown: Any) -> dict[str, str]:
    return {field["name"]: field["value"] for field in shown["embeds"][0]["fields"]}


def test_an_alert(
    stack: Stack,
    quick: None,
    sign_in: Callable[..., Page],
    eventually: Callable[..., Any],
) -> None:
    eventually(
        lambda: stack.python(
            "import json; from monitoring.delivery.transports.discord import webhooks; "
            "print(json.dumps(sorted(webhooks.channels())))"
        ),
        within_seconds=60,
    )
    page = sign_in("operator")
    page.goto(f"{stack.url}/alerts/")
    stopped_at = time.monotonic()
    stack.stop("bot")
    try:
        # The list shows it by itself; the embed is in the guild although the gateway is down.
        row = page.get_by_role("row").filter(has_text="The bot is offline in this story")
        # What Prometheus tells while it looks for Alertmanager anew, it says again after a minute.
        expect(row).to_be_visible(timeout=90_000)
        shown = eventually(lambda: message(stack), within_seconds=60)
        print(f"from stopping the bot to the embed: {time.monotonic() - stopped_at:.1f} s")
        embed = shown["embeds"][0]
        assert embed["title"] == f"🔥 The bot is offline in this story ({NAME})"
        assert embed["color"] == 0xFF0000
        labels = [button["label"] for button in shown["components"][0]["components"]]
        assert labels == ["Open", "Acknowledge", "Silence 1 h"]

        # Acknowledged on its page, with the figure of its own query; the message says so.
        row.get_by_role("link", name="The bot is offline in this story").click()
        expect(page.get_by_text('up{job="discord-bot"}')).to_be_visible(timeout=60_000)
        expect(page.locator("#alert-plot svg").first).to_be_visible(timeout=60_000)
        page.get_by_label("What you do about it").fill("Restarting it")
        page.get_by_role("button", name="Acknowledge").click()
        expect(page.get_by_role("button", name="Withdraw")).to_be_visible()
        eventually(
            lambda: "Acknowledged by operator: Restarting it" in fields(message(stack))["State"],
            within_seconds=60,
        )
    finally:
        stack.start("bot")
        eventually(stack.is_healthy, within_seconds=90, every_seconds=1)

    # Resolved: the same message is edited, and the page says it by itself.
    ended = eventually(
        lambda: (
            (now := message(stack))
            and now["embeds"][0]["title"].startswith("✅ Resolved: ")
            and now
        ),
        within_seconds=150,
    )
    assert ended["id"] == shown["id"]
    page.get_by_role("heading", name="What happened").click()
    expect(page.get_by_text(re.compile("^resolved$"))).to_be_visible(timeout=60_000)
    counts = stack.python(
        "import json; from monitoring.alerts.models import Alert; "
        "from monitoring.delivery.models import Message; "
        f"mine = Alert.objects.filter(name={NAME!r}); "
        "told = Message.objects.filter(source='alerts', subject_id__in=mine); "
        "print(json.dumps([mine.count(), told.count()]))"
    )
    assert counts == [1, 1]

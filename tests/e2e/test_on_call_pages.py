"""At 3 a.m., by the pages alone: an alert on a phone, who has what, windows, resolving."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.running import Stack

SERVICE = "story"
FIRE = """
import json
from datetime import timedelta
from django.utils import timezone
from monitoring.alerts import fingerprints
from monitoring.alerts.models import Alert
from monitoring.incidents import opening
labels = {{"alertname": {name!r}, "severity": {severity!r}, "service": "story"}}
alert = Alert.objects.create(
    fingerprint=fingerprints.of(labels), name={name!r}, severity={severity!r}, service="story",
    labels=labels, annotations={{"summary": {name!r} + " says so"}}, status="firing",
    starts_at=timezone.now() - timedelta(minutes=9),
)
opening.take_up()
link = alert.incident_links.first()
print(json.dumps([alert.pk, link and link.incident_id]))
"""
END = """
import json
from django.utils import timezone
from monitoring.alerts.models import Alert
from monitoring.incidents.models import MaintenanceWindow
from monitoring.incidents import opening, windows
from growmies_admin.accounts.models import Staff
Alert.objects.filter(service="story", status="firing").update(
    status="resolved", ends_at=timezone.now())
opening.take_up()
for window in MaintenanceWindow.objects.active():
    windows.end_early(window.pk, by=Staff.objects.get(username="operator"))
print(json.dumps(None))
"""
FORGET_WEBHOOK = """
import json
from monitoring.delivery.transports.discord import webhooks
webhooks.drop({name!r})
print(json.dumps(None))
"""


@pytest.fixture
def fire(stack: Stack) -> Iterator[Callable[..., tuple[int, int]]]:
    """An alert of the service `story`, and its incident when it is critical; over at the end."""

    def make(name: str, severity: str = "critical") -> tuple[int, int]:
        alert, incident = stack.python(FIRE.format(name=name, severity=severity))
        return alert, incident

    yield make
    stack.python(END)


def headline(page: Page, stack: Stack) -> str:
    page.goto(f"{stack.url}/mobile/")
    return page.get_by_role("heading", level=1).inner_text()


def test_an_alert_on_a_phone(
    stack: Stack, fire: Callable[..., tuple[int, int]], sign_in: Callable[..., Page]
) -> None:
    alert, incident = fire("StoryPhone")
    page = sign_in("operator", width=390, height=844)
    page.goto(f"{stack.url}/alerts/{alert}/")
    acknowledge = page.get_by_role("button", name="Acknowledge")
    expect(acknowledge).to_be_in_viewport(ratio=1)
    to_incident = page.locator(".alert-main-act").get_by_role("link", name=f"INC-{incident}")
    expect(to_incident).to_be_in_viewport(ratio=1)
    acknowledge.click()
    expect(acknowledge).to_have_count(0)
    expect(to_incident).to_be_in_viewport(ratio=1)
    to_incident.click()
    expect(page).to_have_url(f"{stack.url}/incidents/{incident}/")
    page.get_by_role("link", name="StoryPhone").first.click()
    expect(page).to_have_url(f"{stack.url}/alerts/{alert}/")


def test_what_somebody_has_needs_nobody_anywhere(
    stack: Stack,
    fire: Callable[..., tuple[int, int]],
    sign_in: Callable[..., Page],
    eventually: Callable[..., Any],
) -> None:
    alert, _ = fire("StoryAttended", "warning")
    page = sign_in("operator")
    score = page.locator("[data-panel=system-health-score]")
    line = score.locator("li").filter(has_text="StoryAttended")

    def is_counted() -> bool:
        headline(page, stack)
        return line.count() == 1 and "−2" in line.inner_text()

    eventually(is_counted, within_seconds=60)
    page.goto(f"{stack.url}/alerts/{alert}/")
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_role("button", name="Withdraw")).to_be_visible()

    def is_attended() -> bool:
        headline(page, stack)
        words = line.inner_text() if line.count() else ""
        return "acknowledged by operator" in words and "−" not in words

    eventually(is_attended, within_seconds=60)

    def all_say_the_same() -> bool:
        said = headline(page, stack)
        page.goto(f"{stack.url}/alerts/")
        in_header = page.locator("#status-chip").inner_text().strip()
        page.goto(f"{stack.url}/wall/main/")
        on_wall = page.locator("#needs span").text_content() or "All systems normal"
        return said == in_header == on_wall

    eventually(all_say_the_same, within_seconds=60)


def test_a_maintenance_window_says_what_it_silences(
    stack: Stack, fire: Callable[..., tuple[int, int]], sign_in: Callable[..., Page]
) -> None:
    fire("StoryWindow", "warning")
    stack.python("import json; from django.core.cache import cache; cache.clear(); print('null')")
    page = sign_in("operator")
    page.goto(f"{stack.url}/incidents/maintenance-windows/")
    page.get_by_label("What is done").fill("Restart")
    schedule = page.get_by_role("button", name="Schedule window")
    schedule.click()
    expect(page.get_by_text("Choose a service, an alert, or both.")).to_be_visible()

    covered = page.locator("#window-covered")
    page.get_by_label("Service", exact=True).select_option(SERVICE)
    expect(covered).to_contain_text("Silences every alert of story")
    expect(covered).to_contain_text("firing now would be silenced")
    expect(covered.get_by_role("link", name="StoryWindow says so")).to_be_visible()

    # Everything is a choice of its own, and is confirmed.
    page.get_by_label("Everything", exact=True).check()
    expect(covered).to_contain_text("Silences every alert:")
    expect(page.get_by_label("Service", exact=True)).to_be_hidden()
    schedule.click()
    expect(page.get_by_text("Confirm that it silences everything.")).to_be_visible()

    page.get_by_label("A service or an alert").check()
    page.get_by_label("Service", exact=True).select_option(SERVICE)
    expect(covered).to_contain_text("Silences every alert of story")
    schedule.click()
    row = page.get_by_role("row").filter(has_text="Restart")
    expect(row).to_contain_text("every alert of story")
    expect(row).to_contain_text("active")


def test_to_resolve_what_still_fires_warns(
    stack: Stack, fire: Callable[..., tuple[int, int]], sign_in: Callable[..., Page]
) -> None:
    _, incident = fire("StoryResolve")
    page = sign_in("operator")
    page.goto(f"{stack.url}/incidents/{incident}/")
    acts = page.locator("#incident-acts")
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_role("button", name="Acknowledge")).to_have_count(0)
    expect(acts.get_by_text("Mark mitigated").first).to_be_visible()
    acts.locator("summary", has_text="Resolve").click()
    opened = acts.locator("details[open]")
    expect(opened.get_by_text("One of its alerts still fires.")).to_be_visible()
    expect(opened.get_by_text("this incident opens again and pages")).to_be_visible()
    opened.get_by_role("textbox").fill("Restarted it.")
    with page.expect_response(lambda answer: answer.request.method == "POST") as refused:
        opened.get_by_role("button", name="Resolve").click()
    assert refused.value.status == 409
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(opened.get_by_role("textbox")).to_have_value("Restarted it.")
    expect(page.locator("#incident-head")).not_to_contain_text("Restarted it.")
    opened.get_by_label("Resolve while it’s still firing").check()
    opened.get_by_role("button", name="Resolve").click()
    expect(page.locator("#incident-head")).to_contain_text("Restarted it.")


def test_channels_say_where_a_message_went(
    stack: Stack, sign_in: Callable[..., Page], eventually: Callable[..., Any]
) -> None:
    page = sign_in("operator")

    def row(name: str) -> Any:
        return page.locator("table").first.get_by_role("row").filter(has_text=name).first

    def has_button(name: str) -> bool:
        page.goto(f"{stack.url}/alerts/channels/")
        return row(name).get_by_role("button").count() == 1

    eventually(lambda: has_button("compliance-alerts"), within_seconds=90)
    row("compliance-alerts").get_by_role("button").click()
    eventually(
        lambda: page.reload() and "got through" in row("compliance-alerts").inner_text(),
        within_seconds=60,
    )
    # Without its channel it is no target; the bot finds it again within a minute.
    stack.python(FORGET_WEBHOOK.format(name="compliance-alerts"))
    page.reload()
    expect(row("compliance-alerts")).to_contain_text("does not exist")

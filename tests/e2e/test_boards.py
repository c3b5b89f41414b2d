"""Walls and the phone page over the running stack: live, legible, and back by themselves."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.judging import FULL
from tests.e2e.listening import AWAY, Console
from tests.e2e.waiting import members_wait
from tests.running import Stack

SIZES = [(3840, 2160), (1920, 1080), (1280, 720)]
# What is not built yet has nothing to show, and says so.
NOT_BUILT = {"backup-status", "compliance-violation-log", "system-logs"}
WALLS = ("main", "secondary", "overview", "community")
REFRESHES = 2_000 if FULL else 500
WARM = 300  # redraws until Plotly's caches, which are bounded, have filled for the most part
_RULES = [
    "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa",
]  # fmt: skip

# Text that is wider than its box, or that leaves its panel; and whether the page scrolls.
_CLIPPED = """() => {
  const found = [];
  const seen = (e) => !e.closest(".visually-hidden, .chart") && e.getClientRects().length;
  const name = (e) => `${e.tagName} ${e.textContent.trim().slice(0, 40)}`;
  for (const e of document.querySelectorAll(".wall-head, .wall-head *")) {
    if (e.clientWidth && e.scrollWidth > e.clientWidth + 1) found.push(`head: ${name(e)}`);
  }
  for (const panel of document.querySelectorAll(".panel")) {
    const box = panel.getBoundingClientRect();
    for (const e of panel.querySelectorAll("h2, p, span, strong, b, small, td, th, li")) {
      if (!seen(e)) continue;
      const r = e.getBoundingClientRect();
      const outside = r.right > box.right + 1 || r.bottom > box.bottom + 1 || r.top < box.top - 1;
      if (outside || (e.clientWidth && e.scrollWidth > e.clientWidth + 1)) {
        found.push(`${panel.dataset.panel}: ${name(e)}`);
      }
    }
    for (const e of panel.querySelectorAll(".chart text")) {
      const r = e.getBoundingClientRect(), chart = e.closest(".chart").getBoundingClientRect();
      const outside = r.left < chart.left - 2 || r.right > box.right + 1;
      if (r.width && (outside || r.bottom > box.bottom + 1)) {
        found.push(`${panel.dataset.panel}: ${name(e)}`);
      }
    }
  }
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth || root.scrollHeight > innerHeight) found.push("it scrolls");
  return found;
}"""
# Heights of capitals as a share of the screen: Inter's are 0.727 of the font size.
_CAPITALS = """() => {
  const share = (e) => parseFloat(getComputedStyle(e).fontSize) * 0.727 / innerHeight * 100;
  const all = (selector) => [...document.querySelectorAll(selector)]
    .filter((e) => !e.closest(".visually-hidden") && e.getClientRects().length).map(share);
  const labels = ".panel :is(h2, p, span, strong, small, td, th), .chart text";
  return { figures: Math.min(99, ...all(".figure, .quad b")), labels: Math.min(...all(labels)) };
}"""
_AGES = """() => Object.fromEntries([...document.querySelectorAll(".panel")].map((panel) =>
  [panel.dataset.panel, Number(panel.dataset.at)]))"""
# Panels that have no data of the last 90 seconds.
_SILENT = """() => [...document.querySelectorAll(".panel")].filter((panel) =>
  panel.querySelector(".chip.state")?.textContent.includes("No data")
  || Number(panel.dataset.at) < Date.now() / 1000 - 90).map((panel) => panel.dataset.panel)"""
_DRAWN = """() => [...document.querySelectorAll(".chart")].every((chart) =>
  chart.querySelector(".main-svg"))"""
# Charts are drawn anew for another size in the next frames.
_REDRAWN = """async () => {
  window.charts.redraw();
  for (let n = 0; n < 3; n += 1) await new Promise((drawn) => requestAnimationFrame(drawn));
  await new Promise((done) => setTimeout(done, 250));
}"""
_AXE = """(tags) => axe.run({runOnly: {type: "tag", values: tags}, resultTypes: ["violations"],
  rules: {"color-contrast-enhanced": {enabled: true}}})"""
_KEPT = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const requests = await (await caches.open(name)).keys();
    found.push(...requests.map((one) => one.url.replace(location.origin, "")));
  }
  return found;
}"""
_STALE = "() => [...document.querySelectorAll('.panel.stale')].map((panel) => panel.dataset.panel)"
# One answer of the server, given again and again with other versions: each time every panel is
# new, and the chart at each twelfth time, as it is once a minute; always before it is `warm`.
_ONE_ANSWER = """async (warm) => {
  const panels = await (await fetch(document.body.dataset.panels)).text();
  const figures = await (await fetch(document.body.dataset.charts)).text();
  window.rounds = 0;
  window.warm = warm;
  window.fetch = async (url) => {
    if (String(url).startsWith(document.body.dataset.charts)) return new Response(figures);
    const round = (window.rounds += 1);
    const minute = round < window.warm ? round : Math.floor(round / 12);
    return new Response(panels.replaceAll(/data-kind="(\\w+)" data-version="\\w+/g, (_, kind) =>
      `data-kind="${kind}" data-version="r${kind === "heatmap" ? minute : round}`));
  };
}"""
_REFRESH = "async (times) => { for (let n = 0; n < times; n += 1) await window.wall.refresh(); }"
_CLOCK_AHEAD = "const real = Date.now.bind(Date); Date.now = () => real() + 3 * 3600 * 1000;"


@pytest.fixture(scope="module")
def lively(stack: Stack) -> None:
    """People write, talk, and use commands; requests wait."""
    members_wait(stack, "board_one", "board_two")
    for number in range(4):
        made = stack.practice(
            "POST", "/members", username=f"lively{number}", presence="online", dms_open=True
        )
        for channel in ("general", "growing-help", "grow-journals"):
            said = "My harvest dries, what next?"
            stack.practice("POST", f"/members/{made['id']}/messages", channel=channel, content=said)
        stack.practice("POST", f"/members/{made['id']}/commands", name="verify-status")


def wall(stack: Stack, page: Page, board: str) -> Page:
    page.goto(f"{stack.url}/wall/{board}/")
    return page


def test_every_panel_is_live_and_legible(
    stack: Stack,
    lively: None,
    sign_in: Callable[..., Page],
    eventually: Callable[..., Any],
) -> None:
    page = sign_in("viewer", width=1920, height=1080)
    axe = Axe()
    problems: list[str] = []
    for board in WALLS:
        wall(stack, page, board)
        eventually(lambda: page.evaluate(_SILENT) == [], within_seconds=60, every_seconds=0.5)
        page.wait_for_function(_DRAWN)
        before = page.evaluate(_AGES)
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate(_REDRAWN)
            problems += [f"{board} {width}: {found}" for found in page.evaluate(_CLIPPED)]
            capitals = page.evaluate(_CAPITALS)
            if capitals["figures"] < 2.5 or capitals["labels"] < 1.2:
                problems.append(f"{board} {width}: capitals {capitals}")
        page.evaluate(axe.axe_script)
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)
            answer = page.evaluate(_AXE, [*_RULES, "wcag2aaa"])
            problems += [
                f"{board} {scheme}: {broken['id']} {node['target']} {node['failureSummary']}"
                for broken in answer["violations"]
                for node in broken["nodes"]
            ]
        if board == "main":
            slow = {"community-activity-heat-map", "performance-metrics", "backup-status"}
            eventually(
                lambda before=before, slow=slow: all(
                    at > before[slug]
                    for slug, at in page.evaluate(_AGES).items()
                    if slug not in slow
                ),
                within_seconds=60,
            )
            for slug in NOT_BUILT & before.keys():
                expect(page.locator(f"[data-panel={slug}]")).to_contain_text("Not measured")
    assert not problems, "\n".join(problems[:30])


MANY = """
import json
from django.utils import timezone
from monitoring.alerts import fingerprints
from monitoring.alerts.models import Alert
now = timezone.now()
mine = Alert.objects.filter(service="many")
if not {begin}:
    mine.update(status="resolved", ends_at=now)
for number in range(12 if {begin} else 0):
    labels = {{"alertname": f"ThirdPartyIntegrationLatencyTooHigh{{number}}", "service": "many"}}
    Alert.objects.create(fingerprint=fingerprints.of(labels), name=labels["alertname"],
        severity="warning", service="many", labels=labels | {{"severity": "warning"}},
        status="firing", starts_at=now)
print(json.dumps(None))
"""


def test_a_list_that_is_cut_says_how_many_are_left_out(
    stack: Stack,
    lively: None,
    sign_in: Callable[..., Page],
    eventually: Callable[..., Any],
) -> None:
    stack.python(MANY.format(begin=True))
    page = sign_in("viewer", width=1920, height=1080)
    problems: list[str] = []
    try:
        for board, slugs in (
            ("main", ("recent-alerts", "system-status-overview")),
            ("secondary", ("alert-history",)),
        ):
            wall(stack, page, board)
            for slug in slugs:
                more = page.locator(f"[data-panel={slug}] .more:not([hidden])")
                eventually(lambda more=more: more.count() == 1, within_seconds=60)
            for width, height in SIZES[:2]:
                page.set_viewport_size({"width": width, "height": height})
                page.evaluate(_REDRAWN)
                problems += [f"{board} {width}: {found}" for found in page.evaluate(_CLIPPED)]
                for slug in slugs:
                    panel = page.locator(f"[data-panel={slug}]")
                    lines = panel.locator(".items li:not([hidden]):not(.more)").count()
                    left_out = int(panel.locator(".more").inner_text().strip("+ more"))
                    if slug != "system-status-overview" and lines + left_out < 12:
                        problems.append(f"{slug} {width}: {lines} and {left_out} more")
    finally:
        stack.python(MANY.format(begin=False))
    assert not problems, "\n".join(problems[:30])


def test_refreshes_leave_nothing_behind(
    stack: Stack,
    lively: None,
    sign_in: Callable[..., Page],
    eventually: Callable[..., Any],
) -> None:
    page = wall(stack, sign_in("viewer", width=1280, height=720), "main")
    page.locator(".chart .main-svg").first.wait_for()
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")

    def measured() -> dict[str, float]:
        for _ in range(2):
            devtools.send("HeapProfiler.collectGarbage")
        found = devtools.send("Performance.getMetrics")["metrics"]
        return {one["name"]: one["value"] for one in found} | {
            "elements": page.evaluate("document.querySelectorAll('*').length")
        }

    page.evaluate(_ONE_ANSWER, WARM)
    page.evaluate(_REFRESH, WARM)
    before = measured()
    page.evaluate(_REFRESH, REFRESHES)
    assert page.evaluate("window.rounds") >= REFRESHES + WARM
    last: dict[str, float] = {}

    def nothing_is_held() -> bool:
        """What is still held by a refresh of just now, or not collected yet, goes by itself."""
        last.update(measured())
        return (
            last["elements"] == before["elements"]
            and last["JSHeapUsedSize"] <= before["JSHeapUsedSize"] * 1.1
            # Nodes that are in no page any more, and still held, show here.
            and last["Nodes"] <= before["Nodes"] * 1.02
        )

    try:
        eventually(nothing_is_held, within_seconds=60, every_seconds=1)
    except AssertionError:
        pytest.fail(f"{REFRESHES} refreshes left something behind: {before} before, {last} after")


def test_it_recovers_by_itself(
    stack: Stack,
    lively: None,
    paired_screen: Callable[..., Page],
    eventually: Callable[..., Any],
    console: Console,
) -> None:
    console.provokes(AWAY)
    page = paired_screen("Recovers", width=1280, height=720)
    age, users = page.locator("#age"), page.locator("[data-panel=active-user-count]")
    eventually(lambda: "No data" not in users.inner_text(), within_seconds=60)
    page.evaluate("() => { window.neverReloaded = true; }")
    figure = users.locator(".figure").inner_text()

    def stale() -> list[str]:
        found: list[str] = page.evaluate(_STALE)
        return found

    def is_fresh() -> bool:
        return not stale() and "No answer" not in age.inner_text()

    stack.stop("prometheus")
    eventually(lambda: "active-user-count" in stale(), within_seconds=60)
    assert users.locator(".figure").inner_text() == figure, "the last figure is gone"
    expect(users.locator("[data-age]")).to_contain_text(" s old")
    assert "No answer" not in age.inner_text()
    # The network goes while Prometheus comes back.
    stack.start("prometheus")
    page.context.set_offline(True)
    expect(age).to_contain_text("No answer for", timeout=60_000)
    page.context.set_offline(False)
    eventually(is_fresh, within_seconds=60)

    stack.stop("valkey")
    before = page.evaluate(_AGES)["active-user-count"]
    eventually(lambda: page.evaluate(_AGES)["active-user-count"] > before + 4, within_seconds=60)
    assert is_fresh()
    stack.start("valkey")

    stack.stop("web")
    expect(age).to_contain_text("No answer for", timeout=60_000)
    stack.start("web")
    eventually(is_fresh, within_seconds=60)
    assert page.evaluate("() => window.neverReloaded"), "it loaded the page again"
    eventually(stack.is_healthy, within_seconds=60, every_seconds=1)


def test_a_wrong_clock_says_so(stack: Stack, sign_in: Callable[..., Page]) -> None:
    page = sign_in("viewer", width=1280, height=720)
    page.add_init_script(_CLOCK_AHEAD)
    wall(stack, page, "secondary")
    said = page.locator("#wrong-clock")
    expect(said).to_have_text("This screen's clock is 3 h fast: set it to automatic")
    assert page.evaluate(_STALE) == [], "ages follow the server's time"


def test_the_phone_page_offline_and_after_the_sign_out(
    stack: Stack, sign_in: Callable[..., Page], eventually: Callable[..., Any], console: Console
) -> None:
    console.provokes(AWAY)
    page = sign_in("viewer", width=390, height=844)
    page.goto(f"{stack.url}/mobile/")
    eventually(
        lambda: not {"/mobile/", "/mobile/?part=1"} - set(page.evaluate(_KEPT)), within_seconds=60
    )
    answer = page.get_by_role("heading", level=1).inner_text()
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(answer)
    expect(page.locator("[data-panel]")).to_have_count(4)
    expect(page.locator("#gone")).to_contain_text("seconds old", timeout=60_000)
    page.context.set_offline(False)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: "/mobile/" not in url)
    assert page.evaluate(_KEPT) == []
    page.context.set_offline(True)
    with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
        page.goto(f"{stack.url}/mobile/")
    page.context.set_offline(False)

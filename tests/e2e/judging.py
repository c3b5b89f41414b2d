"""Judges pages by axe-core, dark and light, desk and phone; and what no page may show anywhere.

`./dev test --pages` is in full length (FULL).
"""

import os
import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"],
}
# The scheme changes colours and nothing else: the other rules are judged once a size.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
FULL = os.environ.get("GROWMIES_PAGES") == "full"
LOOKS = [
    ("dark", 1440, 900, RULES),
    ("light", 1440, 900, COLOURS),
    ("light", 390, 844, COLOURS),
    ("dark", 390, 844, RULES),
]
# As the switch in the menu does it; without transitions, in the middle of which colours are mixed.
_STILL = """() => {
  const still = new CSSStyleSheet();
  still.replaceSync("*, *::before, *::after { transition: none !important; }");
  document.adoptedStyleSheets = [still];
}"""
_SCHEME = """async (scheme) => {
  document.documentElement.dataset.theme = document.documentElement.dataset.bsTheme = scheme;
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
}"""
# Times as machines write them. People read them as everywhere: relative, or in their own zone.
_RAW = re.compile(r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d)?|\b\d\d:\d\d(?::\d\d)?(?: UTC|Z|\+00:00)\b")
# How far each thing that scrolls goes on below the last thing in it, where that is far.
_EMPTY = """() => {
  const found = [], far = 160;
  const root = document.scrollingElement;
  const scrolls = (e) => e === root ||
    (e.clientHeight && /auto|scroll/.test(getComputedStyle(e).overflowY));
  const seen = (e) => !e.closest(".visually-hidden, [hidden], [inert]") &&
    getComputedStyle(e).visibility === "visible" && e.getClientRects().length;
  const shows = (e) => /^(IMG|svg|CANVAS|INPUT|TEXTAREA|SELECT|BUTTON)$/.test(e.tagName) ||
    [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  for (const box of document.querySelectorAll("*")) {
    if (box.scrollHeight <= box.clientHeight + 1 || !scrolls(box)) continue;
    const top = (box === root ? 0 : box.getBoundingClientRect().top) - box.scrollTop;
    const bottoms = [...box.querySelectorAll("*")].filter((e) => shows(e) && seen(e))
      .map((e) => e.getBoundingClientRect().bottom - top);
    if ([...box.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
    const last = Math.max(0, ...bottoms), rest = box.scrollHeight - last;
    const name = `${box.tagName} ${box.id || box.className}`;
    if (rest > far || last <= box.clientHeight - 64) {
      found.push(`${name} scrolls ${Math.round(rest)} px into nothing`);
    }
  }
  return found;
}"""


class Judge:
    """Collects what axe-core finds on pages, by page and look."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.axe = Axe()
        self.found: list[str] = []

    def visit(self, page: Page, path: str, name: str = "") -> None:
        page.goto(path if path.startswith("http") else f"{self.url}{path}")
        self.judge(page, name or path)

    def look(self, page: Page, name: str) -> None:
        """What is cheap: no time as machines write it, and nothing that scrolls into emptiness."""
        self._read(page, name)
        self.found.extend(f"{name}: {empty}" for empty in page.evaluate(_EMPTY))

    def _read(self, page: Page, name: str) -> None:
        for raw in _RAW.findall(page.locator("body").inner_text()):
            self.found.append(f"{name}: a time as machines write it, {raw}")

    def _arm(self, page: Page) -> None:
        """Buttons that decide are pale until the pointer has moved (static/js/arming.js)."""
        page.mouse.move(3, 3)
        page.mouse.move(13, 3)
        page.locator("body.disarmed").wait_for(state="detached")

    def judge(self, page: Page, name: str) -> None:
        self._arm(page)
        self._read(page, name)
        page.evaluate(self.axe.axe_script)
        page.evaluate(_STILL)
        for scheme, width, height, rules in LOOKS:
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate(_SCHEME, scheme)
            if rules is RULES:
                found = page.evaluate(_EMPTY)
                self.found.extend(f"{name} {width}: {empty}" for empty in found)
            answer = page.evaluate(
                "(rules) => axe.run({runOnly: rules, resultTypes: ['violations'], iframes: false})",
                rules,
            )
            for broken in answer["violations"]:
                for node in broken["nodes"]:
                    where = " ".join(map(str, node["target"]))
                    said = node["failureSummary"].replace("\n", " ")
                    self.found.append(f"{name} {scheme} {width}: {broken['id']} {where}: {said}")
        page.set_viewport_size({"width": 1440, "height": 900})

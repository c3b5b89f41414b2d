"""Judges pages by axe-core: dark and light, desk and phone."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"],
}
# The scheme changes colours and nothing else: the other rules are judged once a size.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
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


class Judge:
    """Collects what axe-core finds on pages, by page and look."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.axe = Axe()
        self.found: list[str] = []

    def visit(self, page: Page, path: str, name: str = "") -> None:
        page.goto(path if path.startswith("http") else f"{self.url}{path}")
        self.judge(page, name or path)

    def judge(self, page: Page, name: str) -> None:
        page.evaluate(self.axe.axe_script)
        page.evaluate(_STILL)
        for scheme, width, height, rules in LOOKS:
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate(_SCHEME, scheme)
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

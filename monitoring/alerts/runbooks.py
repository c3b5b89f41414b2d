"""Our own runbooks, from docs/runbooks/, as HTML."""

import re

import markdown
from django.conf import settings
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe

_OURS = re.compile(r"(?:^|/)docs/runbooks/([A-Za-z0-9_-]{1,100})\.md(?:#[^#\n]{0,200})?\Z")
_HEADING = re.compile(r"^(#{1,4}) ", re.MULTILINE)
_RENDERED_HEADING = re.compile(r"<h\d.{0,500}?</h\d>", re.DOTALL)


def rendered(runbook: str) -> SafeString | None:
    """None when it is none of ours, or is not written yet."""
    found = _OURS.search(runbook)
    if found is None:
        return None
    path = settings.BASE_DIR / "docs" / "runbooks" / f"{found[1]}.md"
    try:
        text = path.read_text()
    except OSError:
        return None
    # The page has a heading of its own above it.
    deeper = _HEADING.sub(r"##\1 ", text)
    html = markdown.markdown(deeper, extensions=["tables", "fenced_code", "sane_lists"])
    return mark_safe(html)  # noqa: S308 - a file of this repository


def opening(html: str) -> str:
    """The text below the heading, without markup."""
    return strip_tags(_RENDERED_HEADING.sub("", html, count=1)).strip()


def is_link(runbook: str) -> bool:
    return runbook.startswith(("https://", "http://"))

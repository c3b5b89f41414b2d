"""The list of displays, in pages by keyset: live ones by name, ended ones newest first."""

from dataclasses import dataclass

from growmies_admin import policy
from growmies_admin.displays.models import Display

TABS = {"live": "Paired", "ended": "Ended"}


@dataclass(frozen=True)
class Page:
    tab: str
    rows: list[Display]
    next_after: str  # where the next page begins; empty on the last one
    is_first: bool


def page(tab: str, after: str) -> Page:
    """An unknown tab is the live ones, a place that can't be one is the beginning."""
    tab = tab if tab in TABS else "live"
    after = after.replace("\x00", "")[:60]
    found = Display.objects.select_related("paired_by", "ended_by")
    if tab == "live":
        found = found.live().order_by("name")
        found = found.filter(name__gt=after) if after else found
    else:
        after = after if after.isdecimal() and len(after) < 19 else ""
        found = found.ended().order_by("-pk")
        found = found.filter(pk__lt=int(after)) if after else found
    rows = list(found[: policy.DISPLAYS_PAGE + 1])
    more, rows = len(rows) > policy.DISPLAYS_PAGE, rows[: policy.DISPLAYS_PAGE]
    last = (rows[-1].name if tab == "live" else str(rows[-1].pk)) if more else ""
    return Page(tab, rows, last, not after)

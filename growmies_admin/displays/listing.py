"""The list of displays, in pages by keyset: live ones by name, ended ones newest first."""

from growmies_admin import policy
from growmies_admin.displays.models import Display
from monitoring.ui import paging

TABS = {"live": "Paired", "ended": "Ended"}


def page(tab: str, after: str) -> paging.Page[Display]:
    """Of a tab in TABS."""
    found = Display.objects.select_related("paired_by", "ended_by")
    found = found.live() if tab == "live" else found.ended()
    order = "name" if tab == "live" else "-pk"
    return paging.page(found, order, after=after, size=policy.DISPLAYS_PAGE)

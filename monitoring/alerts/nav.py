"""Alerts in the navigation, with those that fire and need somebody."""

from monitoring.alerts import listing
from monitoring.people import Person
from monitoring.ui import nav


def _firing(reader: Person) -> int:
    """As the list's tab says; kept there."""
    return listing.totals()["firing"]


nav.register(
    nav.Entry(
        "Alerts",
        "/alerts/",
        ("alerts.view",),
        position=60,
        count=nav.Count(_firing, "firing", tone=listing.firing_tone),
    )
)

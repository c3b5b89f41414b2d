"""Incidents in the navigation, with those that are open."""

from monitoring.incidents.listing import live_count
from monitoring.ui import nav

nav.register(
    nav.Entry(
        "Incidents",
        "/incidents/",
        ("incidents.view",),
        position=70,
        count=nav.Count(lambda reader: live_count(), "open"),
    )
)

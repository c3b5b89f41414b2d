"""Displays in the navigation, for who may change or revoke one."""

from monitoring.ui import nav

nav.register(
    nav.Entry(
        "Displays",
        "/displays/",
        ("displays.manage", "accounts.manage"),
        position=120,
        in_menu=True,
    )
)

"""The audit trail in the navigation, for who may read any part of it."""

from monitoring.ui import nav

nav.register(
    nav.Entry(
        "Audit",
        "/audit/",
        ("audit.view_own", "audit.view_technical"),
        position=100,
        in_menu=True,
    )
)

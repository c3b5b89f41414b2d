"""Maintenance jobs in the navigation."""

from monitoring.ui import nav

nav.register(
    nav.Entry("Maintenance", "/maintenance/", ("maintenance.view",), position=80, in_menu=True)
)

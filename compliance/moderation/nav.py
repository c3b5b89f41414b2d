"""Cases in the navigation."""

from monitoring.ui import nav

nav.register(nav.Entry("Cases", "/moderation/", ("cases.view",), position=45))

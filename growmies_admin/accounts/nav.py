"""Staff in the navigation."""

from monitoring.ui import nav

nav.register(nav.Entry("Staff", "/staff/", ("accounts.manage",), position=110, in_menu=True))

"""Members in the navigation."""

from monitoring.ui import nav

nav.register(nav.Entry("Members", "/members/", ("members.view",), position=40))

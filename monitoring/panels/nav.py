"""The wall and the phone page in the navigation."""

from monitoring.ui import nav

nav.register(nav.Entry("Wall", "/wall/main/", ("panels.view_boards",), position=130, in_menu=True))
nav.register(nav.Entry("Status", "/mobile/", ("panels.view_status",), position=140, in_menu=True))

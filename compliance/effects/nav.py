"""What Discord still has to do, in the navigation."""

from monitoring.ui import nav

nav.register(nav.Entry("Deliveries", "/effects/", ("effects.view",), position=50, in_menu=True))

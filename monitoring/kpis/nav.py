"""KPIs in the navigation."""

from monitoring.ui import nav

nav.register(nav.Entry("KPIs", "/kpis/", ("kpis.view",), position=90, in_menu=True))

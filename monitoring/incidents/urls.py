from django.urls import path

from monitoring.incidents import views, views_figures, views_planning

urlpatterns = [
    path("", views.index, name="incidents"),
    path("new/", views.open_, name="incident_open"),
    path("figures/", views_figures.show, name="incident_figures"),
    path("figures/chart/", views_figures.chart, name="incident_figures_chart"),
    path("on-call/", views_planning.on_call, name="on_call"),
    path("on-call/change/", views_planning.on_call_change, name="on_call_change"),
    path("policies/", views_planning.escalation_policies, name="policies"),
    path("policies/change/", views_planning.policy_change, name="policy_change"),
    path("maintenance-windows/", views_planning.maintenance_windows, name="maintenance_windows"),
    path("maintenance-windows/change/", views_planning.window_change, name="window_change"),
    path("contacts/", views_planning.contacts, name="contacts"),
    path("contacts/change/", views_planning.contact_change, name="contact_change"),
    path("<int:number>/", views.show, name="incident"),
    path("<int:number>/acknowledge/", views.acknowledge, name="incident_acknowledge"),
    path("<int:number>/move/", views.move, name="incident_move"),
    path("<int:number>/note/", views.note, name="incident_note"),
    path("<int:number>/commander/", views.commander, name="incident_commander"),
    path("<int:number>/escalate/", views.escalate, name="incident_escalate"),
    path("<int:number>/export/", views.export_, name="incident_export"),
]

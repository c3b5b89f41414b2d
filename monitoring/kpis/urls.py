from django.urls import path

from monitoring.kpis import views

urlpatterns = [
    path("", views.index, name="kpis"),
    path("export/", views.export, name="kpis_export"),
    path("<slug:slug>/", views.show, name="kpi"),
    path("<slug:slug>/chart/", views.chart, name="kpi_chart"),
]

from django.urls import path

from monitoring.panels import views

urlpatterns = [
    path("wall/main/", views.wall_main, name="wall_main"),
    path("wall/main/panels/", views.wall_main_panels, name="wall_main_panels"),
    path("wall/main/chart/", views.wall_chart, name="wall_chart"),
    path("mobile/", views.mobile, name="mobile"),
    path("mobile/manifest.webmanifest", views.manifest, name="mobile_manifest"),
    path("mobile/worker.js", views.service_worker, name="mobile_worker"),
    path("status-chip/", views.status_chip, name="status_chip"),
]

from django.urls import path

from monitoring.health import views

urlpatterns = [
    path("live", views.live, name="live"),
    path("ready", views.ready, name="ready"),
    path("health", views.health, name="health"),
    path("up", views.up, name="up"),
]

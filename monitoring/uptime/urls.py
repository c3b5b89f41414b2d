from django.urls import path

from monitoring.uptime import views

urlpatterns = [path("", views.index, name="uptime")]

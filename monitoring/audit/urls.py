from django.urls import path

from monitoring.audit import views

urlpatterns = [path("", views.index, name="audit")]

from django.urls import path

from monitoring.maintenance import views

urlpatterns = [
    path("", views.index, name="maintenance"),
    path("<slug:name>/", views.show, name="job"),
    path("<slug:name>/run/", views.run, name="job_run"),
]

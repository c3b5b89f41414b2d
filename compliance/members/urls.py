from django.urls import path

from compliance.members import views

urlpatterns = [
    path("", views.index, name="members"),
    path("<member:snowflake>/", views.show, name="member"),
]

from django.urls import path

from compliance.members import views

urlpatterns = [
    path("", views.index, name="members"),
    path("<str:snowflake>/", views.show, name="member"),
]

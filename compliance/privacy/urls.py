from django.urls import path

from compliance.privacy import views

urlpatterns = [
    path("<member:snowflake>/erase/", views.erase, name="member_erase"),
]

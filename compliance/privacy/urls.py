from django.urls import path

from compliance.privacy import views

urlpatterns = [
    path("<str:snowflake>/erase/", views.erase, name="member_erase"),
]
